"""A mail server by aiosmtpd, so that mails do not only meet the maker of the one in the other tests.

Usage: aiosmtpd-server.py FOLDER USER PASSWORD; FOLDER holds certificate.pem and key.pem. Wants STARTTLS, then a
login. Prints its port; each mail it takes is FOLDER/mail-N.json before the sender hears that it was taken.
"""

import base64
import json
import os
import socket
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        content = base64.b64encode(envelope.original_content).decode()
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": content}
        self.count += 1
        with open(os.path.join(self.folder, f"mail-{self.count:04}.json"), "w") as file:
            json.dump(mail, file)
        return "250 taken"


def free_port():
    """The library asks its own port whether it is up, so it must be known before."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def main(folder, user, password):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem"))
    known = LoginPassword(user.encode(), password.encode())

    def authenticate(server, session, envelope, mechanism, data):
        # With `handled` left as it is, a refusal would never be answered.
        return AuthResult(success=data == known, handled=False)

    controller = Controller(
        Keeper(folder),
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    controller.start()
    print(controller.port, flush=True)
    while True:
        time.sleep(3600)


main(*sys.argv[1:4])

// What Kubernetes takes as names and labels; jsonnet has no regular expressions.
{
  local names = self,
  local digits = '0123456789',
  local lower = 'abcdefghijklmnopqrstuvwxyz',
  local letters = lower + std.asciiUpper(lower),
  local only(text, allowed) = std.all([std.member(allowed, letter) for letter in std.stringChars(text)]),
  local ends(text, allowed) =
    std.length(text) > 0 && std.member(allowed, text[0]) && std.member(allowed, text[std.length(text) - 1]),

  isLabelValue(text)::
    text == '' || (std.length(text) <= 63 && only(text, letters + digits + '._-') && ends(text, letters + digits)),

  isLabelKey(text)::
    local parts = std.split(text, '/');
    local name = parts[std.length(parts) - 1];
    std.length(parts) <= 2 && name != '' && names.isLabelValue(name) &&
    (std.length(parts) == 1 ||
     (std.length(parts[0]) <= 253 && only(parts[0], lower + digits + '.-') && ends(parts[0], lower + digits))),

  isObjectName(text)::
    only(text, lower + digits + '.-') && ends(text, lower + digits) &&
    std.all([std.length(std.findSubstr(pair, text)) == 0 for pair in ['..', '-.', '.-']]),

  beginsWithLetter(text):: text != '' && std.member(lower, text[0]),

  isVolumeName(text):: names.isObjectName(text) && std.length(text) <= 63 && !std.member(text, '.'),

  isVariable(text)::
    text != '' && only(text, letters + digits + '_.-') && !std.member(digits, text[0]),

  // Five fields, or one of the words with @.
  isSchedule(text)::
    local fields = [field for field in std.split(text, ' ') if field != ''];
    local words = ['yearly', 'annually', 'monthly', 'weekly', 'daily', 'midnight', 'hourly'];
    if std.startsWith(text, '@') then std.member(words, text[1:])
    else std.length(fields) == 5 && std.all([only(field, letters + digits + '*,/?-') for field in fields]),
}

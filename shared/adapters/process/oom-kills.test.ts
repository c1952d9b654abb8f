import { expect, test } from 'vitest';
import { oomKills } from './oom-kills.ts';

const CGROUP_1 = '4:memory:/pods/7\n1:cpu,cpuacct:/\n0::/\n';
const EVENTS = 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n';
const CONTROL = 'oom_kill_disable 0\nunder_oom 0\noom_kill 5\n';

function reader(files: Readonly<Record<string, string>>) {
  return (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };
}

test.each<[string, Readonly<Record<string, string>>, number | null]>([
  ['v2, its own group', { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/memory.events': EVENTS }, 2],
  [
    'v2, seen from inside a container',
    { '/proc/self/cgroup': '0::/kubepods/x\n', '/sys/fs/cgroup/memory.events': EVENTS },
    2,
  ],
  [
    'v1, its own group',
    { '/proc/self/cgroup': CGROUP_1, '/sys/fs/cgroup/memory/pods/7/memory.oom_control': CONTROL },
    5,
  ],
  [
    'v1, from inside',
    { '/proc/self/cgroup': CGROUP_1, '/sys/fs/cgroup/memory/memory.oom_control': CONTROL },
    5,
  ],
  [
    'a kernel that does not count them',
    { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.events': 'oom 1\n' },
    null,
  ],
  ['no cgroups', {}, null],
])('kills are counted: %s', (_, files, count) => {
  expect(oomKills(reader(files))).toBe(count);
});

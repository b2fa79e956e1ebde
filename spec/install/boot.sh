#!/bin/sh
# boot.sh ROOT CGROUP: starts the Debian in the folder ROOT, its own systemd first, in namespaces of its own for everything but the network,
# which is the caller's; CGROUP is an empty group of a cgroup2 file system, for it alone. Root's. Ends with the system it started; when it
# is killed, that is too, and nothing stays mounted.
set -eu

if [ "$1" != --enclosed ]; then
	echo $$ >"$2/cgroup.procs"
	exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child "$0" --enclosed "$1"
fi
cd "$2"
mount --bind . .
cd "$2"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
	: >"dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm .before
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=755 tmpfs run
pivot_root . .before
umount -l .before
rmdir .before
# The kernel and its clock belong to the machine around it.
exec setpriv --bounding-set -sys_module,-sys_time,-sys_rawio env -i container=skotos-install PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init >/dev/null 2>&1

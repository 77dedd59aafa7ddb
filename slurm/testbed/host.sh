#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# host.sh NAME: turns this process, alone in new network, uts and mount namespaces, into a host.
#
# Shared memory and /tmp are private as on real hosts, so that a program which takes them for
# shared fails here too (and Open MPI's and PMIx's files of two hosts do not collide). Everything
# else is one shared file system; of what lies under /tmp, the folders in TESTBED_SHARES are.
set -eu

name=$1

share_under_tmp() {
    mount --rbind /tmp /mnt
    mount -t tmpfs -o mode=1777 tmpfs /tmp
    while read -r folder; do
        case $folder in
        /tmp/*)
            mkdir -p "$folder"
            mount --rbind "/mnt/${folder#/tmp/}" "$folder"
            ;;
        esac
    done <<<"$TESTBED_SHARES"
    umount -l /mnt
}

hostname "$name"
mount --bind "$TESTBED_DIR/etc/hosts" /etc/hosts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
share_under_tmp
ip link set lo up

echo $$ >"$TESTBED_DIR/host/.$name"
mv "$TESTBED_DIR/host/.$name" "$TESTBED_DIR/host/$name" # appears when the host is ready
exec sleep infinity

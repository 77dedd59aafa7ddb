# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# The network: a bridge in the namespace around the hosts is the switch, a veth pair the cable
# from it to each host. Host number i has address 10.77.0.i. Sourced, not run.

network_hosts_file() { # number of hosts
    echo "127.0.0.1 localhost"
    for i in $(seq "$1"); do
        echo "10.77.0.$i h$i"
    done
}

network_up() {
    ip link set lo up
    ip link add name switch type bridge forward_delay 0 stp_state 0
    ip link set switch up
}

network_plug() { # host number, pid of the host
    ip link add name "h$1" type veth peer name eth0 netns "$2"
    ip link set "h$1" master switch up
    nsenter -t "$2" -n ip address add "10.77.0.$1/24" dev eth0
    nsenter -t "$2" -n ip link set eth0 up
}

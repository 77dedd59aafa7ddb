#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# slurm_conf.sh DIR NODES CPUS: prints slurm.conf for nodes h1..hN and a controller h(N+1).
#
# Everything is under DIR. Times are short, so that tests are: a job starts at once, a requeued
# one after cred_expire seconds instead of two minutes. TreeWidth is no more than the nodes of a
# step, else `srun --mpi=pmix` starts ranks without a barrier between nodes (see tsnr.sbatch).
set -eu

dir=$1 nodes=$2 cpus=$3
control=$((nodes + 1))

cat <<END
ClusterName=testbed
SlurmctldHost=h$control(10.77.0.$control)
SlurmctldPort=17817
SlurmdPort=17818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$dir/run/munge.sock,cred_expire=5

StateSaveLocation=$dir/state/control
SlurmdSpoolDir=$dir/state/%n
SlurmctldPidFile=$dir/run/slurmctld.pid
SlurmdPidFile=$dir/run/slurmd.%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log

ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
PropagateResourceLimits=NONE
MailProg=/bin/true

SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1

ReturnToService=2
TreeWidth=2
SlurmctldTimeout=30
SlurmdTimeout=30
KillWait=5
MinJobAge=300

NodeName=h[1-$nodes] NodeAddr=10.77.0.[1-$nodes] CPUs=$cpus Boards=1 SocketsPerBoard=1 CoresPerSocket=$cpus ThreadsPerCore=1 RealMemory=1000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END

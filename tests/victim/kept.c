/* What stays: one child at a time, workers, and threads. */
#define _GNU_SOURCE
#include "victim.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t kept, parent;

/* The parent of the first process of a pid namespace is outside, where it has no number. */
static bool has_parent(void)
{
    pid_t now = getppid();
    return now == parent || now == 0;
}

static void stay(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (has_parent())
        pause();
    _exit(0);
}

int keep_child(void)
{
    if (kept > 0)
        return EEXIST;
    parent = getpid();
    kept = fork();
    if (kept == 0)
        stay();
    return kept < 0 ? errno : 0;
}

/* As a server that forks its workers at its start: they share its memory, and end with it. */
int start_workers(size_t count)
{
    parent = getpid();
    for (size_t i = 0; i < count; i++) {
        pid_t worker = fork();
        if (worker == 0)
            stay();
        if (worker < 0)
            return errno;
    }
    return 0;
}

static int stay_in_shared_memory(void *nothing)
{
    (void)nothing;
    stay();
    return 0;
}

/* As a child of vfork(2) before it executes: no memory of its own, and nothing charged for it. */
int share_child(void)
{
    static char stack[16384] __attribute__((aligned(16)));
    if (kept > 0)
        return EEXIST;
    parent = getpid();
    kept = clone(stay_in_shared_memory, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    return kept < 0 ? errno : 0;
}

/* A child that has ended and is not reaped: still a task of its cgroup and user. */
int leave_zombie(void)
{
    siginfo_t info;
    if (kept > 0)
        return EEXIST;
    kept = fork();
    if (kept == 0)
        _exit(0);
    if (kept < 0)
        return errno;
    return waitid(P_PID, (id_t)kept, &info, WEXITED | WNOWAIT) == 0 ? 0 : errno;
}

/* As a program that forgets its children: they have ended, and nothing reaps them while it lives. */
int leak_zombies(size_t count)
{
    siginfo_t info;
    for (size_t i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        if (child < 0 || waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) != 0)
            return errno;
    }
    return 0;
}

int end_child(void)
{
    if (kept <= 0)
        return ESRCH;
    int error = kill(kept, SIGKILL) == 0 ? collect(kept) : errno;
    kept = 0;
    return error;
}

static void *pause_for_ever(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

int hold_threads(size_t count, size_t stack)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error == 0 && stack > 0)
        error = pthread_attr_setstacksize(&attributes, stack);
    for (size_t i = 0; error == 0 && i < count; i++) {
        pthread_t thread;
        error = pthread_create(&thread, &attributes, pause_for_ever, NULL);
    }
    pthread_attr_destroy(&attributes);
    return error;
}

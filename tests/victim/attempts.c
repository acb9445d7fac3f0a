/* The ways a program starts another flow of control. Only try_fork copies the address space. */
#define _GNU_SOURCE
#include "victim.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int collect(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

int try_fork(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child < 0 ? errno : collect(child);
}

static pid_t kept;

int keep_child(void)
{
    if (kept > 0)
        return EEXIST;
    pid_t parent = getpid();
    kept = fork();
    if (kept == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (getppid() == parent)
            pause();
        _exit(0);
    }
    return kept < 0 ? errno : 0;
}

static int wait_for_parent(void *parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == *(pid_t *)parent)
        pause();
    return 0;
}

int share_child(void)
{
    static char stack[64 * 1024];
    static pid_t parent;
    if (kept > 0)
        return EEXIST;
    parent = getpid();
    kept = clone(wait_for_parent, stack + sizeof stack, CLONE_VM | SIGCHLD, &parent);
    return kept < 0 ? errno : 0;
}

int end_child(void)
{
    if (kept <= 0)
        return ESRCH;
    int error = kill(kept, SIGKILL) == 0 ? collect(kept) : errno;
    kept = 0;
    return error;
}

int try_vfork(void)
{
    pid_t child = vfork();
    if (child == 0)
        _exit(0);
    return child < 0 ? errno : collect(child);
}

int try_spawn(void)
{
    char *arguments[] = {"victim", "--exit", NULL}, *environment[] = {NULL};
    pid_t child;
    int error = posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environment);
    return error != 0 ? error : collect(child);
}

static void *return_at_once(void *nothing)
{
    return nothing;
}

int try_thread(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, return_at_once, NULL);
    return error != 0 ? error : pthread_join(thread, NULL);
}

/* The ways a program starts another flow of control. Only try_fork copies the address space. */
#define _GNU_SOURCE
#include "victim.h"

#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

int collect(pid_t child)
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

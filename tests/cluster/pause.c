/* Holds a pod's namespaces: it waits until it is told to end, and reaps what is left to it. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
    sigset_t all;
    int received;
    struct sigaction reap = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &reap, NULL);
    sigemptyset(&all);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    sigprocmask(SIG_BLOCK, &all, NULL);
    return sigwait(&all, &received);
}

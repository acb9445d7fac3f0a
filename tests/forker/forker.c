/* forker: obeys one command a line and answers "COMMAND ERRNO PID". Puts itself, on demand, where a fork is refused for a
   reason other than memory. Its children end with it. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static int result(long value)
{
    return value < 0 ? errno : 0;
}

static int collect(void)
{
    while (waitpid(child, NULL, 0) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

/* The child stays if `stays`, otherwise it ends at once. Returns once the child ends with its parent, so that none is left. */
static int start_child(int stays)
{
    int ready[2];
    char nothing;
    if (pipe(ready) < 0)
        return errno;
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        close(ready[1]);
        while (stays)
            pause();
        _exit(0);
    }
    int error = result(child);
    close(ready[1]);
    while (read(ready[0], &nothing, 1) < 0 && errno == EINTR)
        ;
    close(ready[0]);
    return error;
}

static int fork_and_collect(void)
{
    int error = start_child(0);
    return error != 0 ? error : collect();
}

/* Returns once the child is a zombie, which stays. */
static int make_zombie(void)
{
    siginfo_t info;
    int error = start_child(0);
    return error != 0 ? error : result(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
}

/* The last child becomes a zombie as the init of its namespace ends, and stays: its parent is this process. */
static int end_init(void)
{
    siginfo_t info;
    pid_t init = child;
    int error = start_child(1);
    if (error != 0)
        return error;
    kill(init, SIGKILL);
    return result(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
}

static int end_child(void)
{
    kill(child, SIGKILL);
    return collect();
}

static void *wait_forever(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

static int start_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, wait_forever, NULL);
}

static int limit_processes(unsigned long soft)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NPROC, &limit);
    limit.rlim_cur = soft;
    return result(setrlimit(RLIMIT_NPROC, &limit));
}

/* Keeps the capabilities of the mask through the change of uid, as a runtime does. */
static int change_user(unsigned uid, unsigned long capabilities)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    uint32_t low = (uint32_t)capabilities, high = (uint32_t)(capabilities >> 32);
    struct __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
    if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
        return errno;
    return result(syscall(SYS_capset, &header, data));
}

static int refuse_forks(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return result(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static int use_deadline(int resets_on_fork)
{
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {sizeof attributes, 6, resets_on_fork ? 1 : 0, 0, 0, 10000000, 100000000, 100000000};
    return result(syscall(SYS_sched_setattr, 0, &attributes, 0));
}

static int obey(const char *command, unsigned long first, unsigned long second)
{
    if (strcmp(command, "fork") == 0)
        return fork_and_collect();
    if (strcmp(command, "keep") == 0)
        return start_child(1);
    if (strcmp(command, "end") == 0)
        return end_child();
    if (strcmp(command, "endinit") == 0)
        return end_init();
    if (strcmp(command, "zombie") == 0)
        return make_zombie();
    if (strcmp(command, "thread") == 0)
        return start_thread();
    if (strcmp(command, "nproc") == 0)
        return limit_processes(first);
    if (strcmp(command, "user") == 0)
        return change_user((unsigned)first, second);
    if (strcmp(command, "unshare") == 0)
        return result(unshare((int)first));
    if (strcmp(command, "seccomp") == 0)
        return refuse_forks();
    if (strcmp(command, "deadline") == 0)
        return use_deadline((int)first);
    return ENOSYS;
}

static void *obey_lines(void *nothing)
{
    char line[128], command[32];
    while (fgets(line, sizeof line, stdin) != NULL) {
        unsigned long first = 0, second = 0;
        if (sscanf(line, "%31s %lu %lu", command, &first, &second) < 1)
            exit(2);
        if (strcmp(command, "handover") == 0) {
            pthread_t thread;
            printf("handover %d 0\n", pthread_create(&thread, NULL, obey_lines, NULL));
            return nothing;
        }
        int error = obey(command, first, second);
        printf("%s %d %d\n", command, error, (int)child);
    }
    exit(0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    obey_lines(NULL);
    pthread_exit(NULL);
}

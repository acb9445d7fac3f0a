/* What stands before a program when the guest starts it: its cgroup, identity, limits and namespaces. */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

typedef struct __user_cap_header_struct cap_header;
typedef struct __user_cap_data_struct cap_data;

static bool write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool done = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return done;
}

static bool drop_sys_admin(void)
{
    cap_header header = {.version = _LINUX_CAPABILITY_VERSION_3};
    cap_data data[2];
    if (prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) != 0 || syscall(SYS_capget, &header, data) != 0)
        return false;
    data[0].effective &= ~(1U << CAP_SYS_ADMIN);
    data[0].permitted &= ~(1U << CAP_SYS_ADMIN);
    data[0].inheritable &= ~(1U << CAP_SYS_ADMIN);
    return syscall(SYS_capset, &header, data) == 0;
}

/* Root of a namespace of its own: every capability in CapEff, and none that the accounting asks for. */
static bool enter_user_namespace(void)
{
    char map[32];
    snprintf(map, sizeof map, "0 %d 1", (int)geteuid());
    return unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/uid_map", map);
}

static bool become_nobody(void)
{
    return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

/* Nobody with the one capability that RLIMIT_NPROC exempts: an ambient one outlasts execve(2). */
static bool become_resourceful(void)
{
    unsigned kept = 1U << CAP_SYS_RESOURCE;
    cap_header header = {.version = _LINUX_CAPABILITY_VERSION_3};
    cap_data data[2] = {{.effective = kept, .permitted = kept, .inheritable = kept}};
    return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && become_nobody() && syscall(SYS_capset, &header, data) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_RESOURCE, 0, 0) == 0;
}

static bool become(const char *whom)
{
    return strcmp(whom, "nobody") == 0     ? become_nobody()
           : strcmp(whom, "resource") == 0 ? become_resourceful()
           : strcmp(whom, "nocap") == 0    ? drop_sys_admin()
           : strcmp(whom, "userns") == 0   ? enter_user_namespace()
                                           : false;
}

static bool join(const char *folder)
{
    char path[512];
    snprintf(path, sizeof path, "%s/cgroup.procs", folder);
    return write_text(path, "0");
}

int limit_tasks_of(pid_t pid, const char *tasks)
{
    rlim_t most = strtoull(tasks, NULL, 10);
    return prlimit(pid, RLIMIT_NPROC, &(struct rlimit){most, most}, NULL);
}

static bool mount_cgroups(const char *type, const char *controller)
{
    char path[64];
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s", controller);
    return umount2(path, MNT_DETACH) == 0 && mount(type, path, type, 0, controller) == 0;
}

/* The hierarchies begin at the cgroup of this process, as in a container that is a node itself. */
static bool become_node(void)
{
    bool unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
    return unshare(CLONE_NEWCGROUP | CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           (unified ? mount_cgroups("cgroup2", "") : mount_cgroups("cgroup", "pids") && mount_cgroups("cgroup", "memory"));
}

static bool detach(const char *what)
{
    if (strcmp(what, "node") == 0)
        return become_node();
    return unshare(strcmp(what, "cgroup") == 0 ? CLONE_NEWCGROUP : strcmp(what, "pid") == 0 ? CLONE_NEWPID : 0) == 0;
}

static bool enter_namespace(const char *pid, const char *kind)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool done = file >= 0 && setns(file, 0) == 0;
    if (file >= 0)
        close(file);
    return done;
}

int start_as(const char *how, const char *argument, char **words)
{
    bool done = strcmp(how, "as") == 0        ? become(argument)
                : strcmp(how, "in") == 0      ? join(argument)
                : strcmp(how, "limit") == 0   ? limit_tasks_of(0, argument) == 0
                : strcmp(how, "unshare") == 0 ? detach(argument)
                : strcmp(how, "enter") == 0   ? enter_namespace(argument, "cgroup") && enter_namespace(argument, "mnt")
                : strcmp(how, "score") == 0   ? write_text("/proc/self/oom_score_adj", argument)
                                              : false;
    if (done)
        execv(words[0], words);
    printf("failed %d %s %s\n", errno, how, argument);
    return 127;
}

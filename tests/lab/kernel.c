/* Commit charge, modules, swap and identities. */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE ((size_t)4096)

static char *ballast;
static size_t ballast_pages;

/* One private writable mapping that is never touched: it costs commit charge and no memory, to the page. */
int set_ballast(size_t pages)
{
    void *got;
    if (pages == ballast_pages)
        return 0;
    if (pages == 0) {
        got = munmap(ballast, ballast_pages * PAGE) == 0 ? NULL : MAP_FAILED;
    } else if (ballast_pages == 0) {
        got = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    } else {
        got = mremap(ballast, ballast_pages * PAGE, pages * PAGE, MREMAP_MAYMOVE);
    }
    if (got == MAP_FAILED)
        return -1;
    ballast = got;
    ballast_pages = pages;
    return 0;
}

int load_module(const char *path, const char *options)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int result = file < 0 ? -1 : (int)syscall(SYS_finit_module, file, options, 0);
    if (file >= 0)
        close(file);
    return result;
}

/* What mkswap(8) writes, see union swap_header (include/linux/swap.h). */
int begin_swap(const char *device)
{
    static union {
        struct {
            char boot[1024];
            uint32_t version, last_page, bad_pages;
        } info;
        char bytes[PAGE];
    } header;
    uint64_t size;
    int file = open(device, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return -1;
    int result = ioctl(file, BLKGETSIZE64, &size);
    if (result == 0) {
        header.info.version = 1;
        header.info.last_page = (uint32_t)(size / PAGE) - 1;
        memcpy(header.bytes + PAGE - 10, "SWAPSPACE2", 10);
        result = write(file, &header, sizeof header) == sizeof header ? 0 : -1;
    }
    close(file);
    return result == 0 ? swapon(device, 0) : -1;
}

int end_swap(const char *device)
{
    return swapoff(device);
}

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
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) != 0 || syscall(SYS_capget, &header, data) != 0)
        return false;
    data[0].effective &= ~(1U << CAP_SYS_ADMIN);
    data[0].permitted &= ~(1U << CAP_SYS_ADMIN);
    data[0].inheritable &= ~(1U << CAP_SYS_ADMIN);
    return syscall(SYS_capset, &header, data) == 0;
}

/* Root of its own: every capability in CapEff, and none that the accounting asks for. */
static bool enter_user_namespace(void)
{
    return unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/uid_map", "0 0 1");
}

static bool become_nobody(void)
{
    return setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0;
}

int become(const char *whom, char **words)
{
    bool done = strcmp(whom, "nobody") == 0    ? become_nobody()
                : strcmp(whom, "nocap") == 0   ? drop_sys_admin()
                : strcmp(whom, "userns") == 0 ? enter_user_namespace()
                                               : false;
    if (done)
        execv(words[0], words);
    printf("failed %d %s\n", errno, whom);
    return 127;
}

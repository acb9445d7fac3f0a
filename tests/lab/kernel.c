/* Commit charge, modules, swap and the clock. */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <time.h>
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

int advance_clock(long seconds)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    now.tv_sec += seconds;
    return clock_settime(CLOCK_REALTIME, &now);
}

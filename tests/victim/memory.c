/* Pieces of address space: finding room, filling it, growing it, giving it back. */
#define _GNU_SOURCE
#include "victim.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Unmapped room on both sides of a layout. mmap fills gaps from their far end, so nothing else (a thread's stack, for
   example) comes to lie next to the layout and merges with it, and `grow` finds free addresses behind it. */
#define ROOM ((size_t)64 << 30)

struct refusal refusal;

bool refuse(int error, const char *what)
{
    refusal = (struct refusal){error, what};
    return false;
}

size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* MemTotal + SwapTotal: in mode 0 the kernel refuses a single charge above it. */
size_t limit_pages(void)
{
    struct sysinfo info;
    if (sysinfo(&info) != 0)
        return 0;
    return (info.totalram + info.totalswap) * info.mem_unit / page_size();
}

char *find_space(size_t pages)
{
    size_t length = pages * page_size() + 2 * ROOM;
    char *base = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        refuse(errno, "find-space");
        return NULL;
    }
    munmap(base, length);
    return base + ROOM;
}

/* Appends to the area, so that neighbours with the same flags merge. */
bool map_pieces(struct area *area, size_t pages, size_t piece, int protection, int flags, int fd)
{
    size_t page = page_size();
    for (size_t done = 0; done < pages;) {
        size_t count = pages - done < piece ? pages - done : piece;
        off_t offset = fd < 0 ? 0 : (off_t)(area->end - area->start);
        char *got = mmap(area->end, count * page, protection, flags | MAP_FIXED_NOREPLACE, fd, offset);
        if (got == MAP_FAILED)
            return refuse(errno, "mmap");
        if (got != area->end) {
            /* Kernels before 4.17 take MAP_FIXED_NOREPLACE for a mere hint. */
            munmap(got, count * page);
            return refuse(EEXIST, "mmap");
        }
        area->end += count * page;
        done += count;
    }
    return true;
}

bool grow_mapping(struct area *area, size_t pages)
{
    size_t page = page_size(), step = limit_pages();
    while (pages > 0) {
        size_t count = pages < step ? pages : step;
        size_t length = (size_t)(area->end - area->last);
        if (mremap(area->last, length, length + count * page, 0) == MAP_FAILED)
            return refuse(errno, "mremap");
        if (area->shown_end == area->end)
            area->shown_end += count * page;
        area->end += count * page;
        pages -= count;
    }
    return true;
}

bool grow_brk(struct area *area, size_t pages)
{
    size_t page = page_size(), step = limit_pages();
    while (pages > 0) {
        size_t count = pages < step ? pages : step;
        if (brk(area->end + count * page) != 0)
            return refuse(errno, "brk");
        area->end += count * page;
        area->shown_end = area->end;
        pages -= count;
    }
    return true;
}

bool release(struct area *area)
{
    if (area->start != area->end) {
        if (area->is_brk ? brk(area->start) != 0 : munmap(area->start, (size_t)(area->end - area->start)) != 0)
            return refuse(errno, area->is_brk ? "brk" : "munmap");
    }
    *area = (struct area){0};
    return true;
}

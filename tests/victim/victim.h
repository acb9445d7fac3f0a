/* The victim makes, on demand, the address-space layouts for which fork() does or does not fail. */
#ifndef VICTIM_H
#define VICTIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct area {
    char *start, *end;             /* everything the layout owns */
    char *last;                    /* the mapping that `grow` extends: [last, end) */
    char *shown_start, *shown_end; /* the mapping the layout is about */
    bool writable;
    bool is_brk;
};

struct layout {
    const char *name;
    const char *description;
    bool (*build)(struct area *area, size_t pages);
};

/* What was refused last: `error` 0 means that the kernel agreed, but not with the layout that was wanted. */
struct refusal {
    int error;
    const char *what;
};

extern struct refusal refusal;

bool refuse(int error, const char *what);
const char *error_name(int error);

size_t page_size(void);
size_t limit_pages(void);

const struct layout *find_layout(const char *name);
void list_layouts(FILE *out);

bool build_areas(struct area *area, char **words, size_t count);

char *find_space(size_t pages);
bool map_pieces(struct area *area, size_t pages, size_t piece, int protection, int flags, int fd);
bool grow_mapping(struct area *area, size_t pages);
bool grow_brk(struct area *area, size_t pages);
bool release(struct area *area);

bool is_one_vma(const char *start, const char *end);
bool find_vma(const char *address, char **start, char **end);

/* Each returns 0 or the errno of the attempt. */
int try_fork(void);
int keep_child(void);
int start_workers(size_t count);
int share_child(void);
int leave_zombie(void);
int leak_zombies(size_t count);
int end_child(void);
int hold_threads(size_t count, size_t stack);
int collect(pid_t child);
int try_vfork(void);
int try_spawn(void);
int try_thread(void);

#endif

/* Programs that the guest starts, by the keys of the host. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <stdbool.h>
#include <sys/types.h>

struct program {
    char key[32];
    pid_t pid;
    int input, output;
    bool has_ended;
    int status;
};

/* Null if there is none. */
struct program *find(const char *key);
struct program *find_free(void);

/* False with errno. */
bool start(struct program *program, char **words);

/* Waits for its end: its exit code, or 128 and the signal. */
int stop(struct program *program, bool kill_it);

/* Children of programs that have ended are init's: until they are reaped, they count as tasks of their cgroup and user. */
void reap(void);

#endif

/* Programs that the guest starts, each with a pipe to its standard input and one from its output and error. */
#define _GNU_SOURCE
#include "programs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_PROGRAMS 256

static struct program programs[MOST_PROGRAMS];

struct program *find(const char *key)
{
    for (size_t i = 0; i < MOST_PROGRAMS; i++)
        if (programs[i].pid != 0 && strcmp(programs[i].key, key) == 0)
            return &programs[i];
    return NULL;
}

struct program *find_free(void)
{
    for (size_t i = 0; i < MOST_PROGRAMS; i++)
        if (programs[i].pid == 0)
            return &programs[i];
    return NULL;
}

/* Both ends are closed at exec but for what becomes the program's standard input, output and error. */
bool start(struct program *program, char **words)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        return false;
    pid_t child = vfork();
    if (child == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(out[1], 2);
        execv(words[0], words);
        _exit(127);
    }
    int error = errno;
    close(in[0]);
    close(out[1]);
    if (child < 0) {
        close(in[1]);
        close(out[0]);
        errno = error;
        return false;
    }
    program->pid = child;
    program->input = in[1];
    program->output = out[0];
    program->has_ended = false;
    return true;
}

int stop(struct program *program, bool kill_it)
{
    int status = program->status;
    close(program->input);
    close(program->output);
    if (!program->has_ended) {
        if (kill_it)
            kill(program->pid, SIGKILL);
        waitpid(program->pid, &status, 0);
    }
    program->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void reap(void)
{
    int status;
    for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
        for (size_t i = 0; i < MOST_PROGRAMS; i++) {
            if (programs[i].pid == child) {
                programs[i].has_ended = true;
                programs[i].status = status;
            }
        }
    }
}

/* The first and only process of the lab's virtual machine: does what the host asks, one line a request, one line an
   answer, on the second serial port. See README.md for the requests. It starts programs with vfork, which no accounting
   refuses, so that it works where nothing is left to commit. */
#define _GNU_SOURCE
#include "guest.h"
#include "programs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define MOST_WORDS 512
#define PATIENCE_MS 90000

static char request[1 << 16], answer[1 << 18];
static size_t answered;
static int port, kernel_log;

static void put(const char *text, size_t length)
{
    for (size_t i = 0; i < length && answered < sizeof answer - 1; i++)
        answer[answered++] = text[i] == '\n' ? '\x1f' : text[i];
}

static void say(const char *text)
{
    put(text, strlen(text));
}

static void say_number(const char *name, long number)
{
    char text[64];
    snprintf(text, sizeof text, "%s %ld", name, number);
    say(text);
}

static void say_error(int result)
{
    say_number(result < 0 ? "errno" : "ok", result < 0 ? errno : 0);
}

/* A program that stays silent must not silence the guest: the next request may be to end it. */
static void read_line(const struct program *program)
{
    char byte;
    ssize_t got = 0;
    struct pollfd wait = {.fd = program->output, .events = POLLIN};
    while (poll(&wait, 1, PATIENCE_MS) == 1) {
        if ((got = read(program->output, &byte, 1)) != 1 || byte == '\n') {
            say(got == 1 ? "" : "ended");
            return;
        }
        put(&byte, 1);
    }
    say("silent");
}

/* What the kernel said since the last look; only its refusals are passed on. */
static void drain_log(bool tell)
{
    char record[8192];
    ssize_t length;
    while ((length = read(kernel_log, record, sizeof record - 1)) > 0 || errno == EPIPE) {
        if (length <= 0)
            continue;
        record[length] = '\0';
        char *text = strchr(record, ';'), *end = text ? strchr(text, '\n') : NULL;
        if (tell && text && end && (strstr(text, "__vm_enough_memory") || strstr(text, "callbacks suppressed"))) {
            put("\n", 1);
            put(text + 1, (size_t)(end - text - 1));
        }
    }
}

static void do_spawn(char **words, size_t count)
{
    struct program *free_one = find_free();
    if (count < 3 || !free_one || find(words[1])) {
        say("errno 22");
        return;
    }
    snprintf(free_one->key, sizeof free_one->key, "%s", words[1]);
    if (start(free_one, words + 2))
        say_number("pid", free_one->pid);
    else
        say_error(-1);
}

static void do_run(char **words)
{
    struct program program;
    char text[4096];
    ssize_t length;
    if (!start(&program, words + 1)) {
        say_error(-1);
        return;
    }
    /* The exit code comes last, so the output is kept behind a place for it. */
    size_t place = answered;
    say("exit    ");
    while ((length = read(program.output, text, sizeof text)) > 0) {
        put("\n", answered == place + 8 ? 1 : 0);
        put(text, (size_t)length);
    }
    char code[8];
    snprintf(code, sizeof code, "%3d", stop(&program, false));
    memcpy(answer + place + 5, code, 3);
}

static void do_tell(struct program *program, char **words, size_t count)
{
    drain_log(false);
    for (size_t i = 2; i < count; i++) {
        if (dprintf(program->input, "%s%s", words[i], i + 1 < count ? " " : "\n") < 0) {
            say("ended");
            return;
        }
    }
    read_line(program);
    drain_log(true);
}

static void do_read_file(const char *path)
{
    char text[4096];
    ssize_t length = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        say_error(-1);
        return;
    }
    say("text\n");
    while ((length = read(file, text, sizeof text)) > 0)
        put(text, (size_t)length);
    close(file);
}

static void do_write_file(char **words, size_t count)
{
    const char *path = words[1], *text = words[2];
    /* The words lie in the request one behind the other: with the spaces back they are one text. */
    for (size_t i = 3; i < count; i++)
        words[i][-1] = ' ';
    int file = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written = file < 0 ? -1 : write(file, text, strlen(text));
    say_error(written < 0 ? -1 : 0);
    if (file >= 0)
        close(file);
}

static void obey(char **words, size_t count)
{
    const char *what = words[0];
    struct program *program = count > 1 ? find(words[1]) : NULL;
    if (strcmp(what, "spawn") == 0)
        do_spawn(words, count);
    else if (strcmp(what, "run") == 0 && count > 1)
        do_run(words);
    else if (strcmp(what, "tell") == 0 && program)
        do_tell(program, words, count);
    else if (strcmp(what, "line") == 0 && program)
        read_line(program);
    else if (strcmp(what, "end") == 0 && program)
        say_number("exit", stop(program, true));
    else if (strcmp(what, "cat") == 0 && count == 2)
        do_read_file(words[1]);
    else if (strcmp(what, "write") == 0 && count >= 3)
        do_write_file(words, count);
    else if (strcmp(what, "ballast") == 0 && count == 2)
        say_error(set_ballast(strtoull(words[1], NULL, 10)));
    else if (strcmp(what, "insmod") == 0 && count >= 2)
        say_error(load_module(words[1], count > 2 ? words[2] : ""));
    else if (strcmp(what, "swapon") == 0 && count == 2)
        say_error(begin_swap(words[1]));
    else if (strcmp(what, "swapoff") == 0 && count == 2)
        say_error(end_swap(words[1]));
    else if (strcmp(what, "clock") == 0 && count == 2)
        say_error(advance_clock(strtol(words[1], NULL, 10)));
    else if (strcmp(what, "mount") == 0 && count >= 3)
        say_error(mount_at(words[1], words[2], count > 3 ? words[3] : NULL));
    else if (strcmp(what, "mkdir") == 0 && count == 2)
        say_error(make_folders(words[1]));
    else if (strcmp(what, "rmdir") == 0 && count == 2)
        say_error(rmdir(words[1]));
    else if (strcmp(what, "limit") == 0 && count == 3)
        say_error(limit_tasks_of((pid_t)atoi(words[1]), words[2]));
    else if (strcmp(what, "off") == 0)
        reboot(RB_POWER_OFF);
    else
        say("errno 22 unknown");
}

static void serve(void)
{
    static char *words[MOST_WORDS + 1];
    size_t length = 0;
    while (read(port, request + length, 1) == 1) {
        if (request[length] != '\n') {
            length += length < sizeof request - 1;
            continue;
        }
        request[length] = '\0';
        length = answered = 0;
        size_t count = 0;
        for (char *word = strtok(request, " "); word && count < MOST_WORDS; word = strtok(NULL, " "))
            words[count++] = word;
        words[count] = NULL;
        reap();
        if (count > 0)
            obey(words, count);
        answer[answered++] = '\n';
        for (size_t done = 0; done < answered;) {
            ssize_t written = write(port, answer + done, answered - done);
            if (written > 0)
                done += (size_t)written;
        }
    }
}

int main(int count, char **arguments)
{
    if (count > 3)
        return start_as(arguments[1], arguments[2], arguments + 3);
    if (count == 3 && strcmp(arguments[1], "swapoff") == 0)
        return end_swap_idly(arguments[2]);
    if (count == 2 && strcmp(arguments[1], "spin") == 0)
        return spin();

    mount("proc", "/proc", "proc", 0, NULL);
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    mkdir("/dev/shm", 01777); /* shm_overview(7): semaphores of programs too */
    signal(SIGPIPE, SIG_IGN);
    port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
    kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (port < 0 || kernel_log < 0)
        return 1;
    struct termios raw;
    tcgetattr(port, &raw);
    cfmakeraw(&raw);
    tcsetattr(port, TCSANOW, &raw);
    if (write(port, "up\n", 3) == 3)
        serve();
    return 1;
}

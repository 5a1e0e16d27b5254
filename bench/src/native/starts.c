// Starts a program repeatedly, and measures the time of each start until the first byte on its standard output.
//
//   starts PROGRAM ARGUMENTS… -- key=value…
//
// The arguments after the dashes are those of host.ts, and the request comes on standard input, as "path TAB expected". The
// program is called like owread, with "-s ADDRESS PATH" after its own arguments. The output is one line of JSON.
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_VALUE = 4096 };
static char value[LONGEST_VALUE];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// One start. Afterwards `value` contains the program's output without the padding. Returns the seconds to its first byte.
static double start(char **argv) {
  int ends[2], status;
  pid_t pid;
  posix_spawn_file_actions_t actions;
  if (pipe2(ends, O_CLOEXEC) < 0) die("pipe");
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);

  double began = now(), first = 0;
  errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
  if (errno != 0) die(argv[0]);
  close(ends[1]);
  size_t length = 0;
  for (ssize_t n; (n = read(ends[0], value + length, sizeof value - 1 - length)) > 0; length += (size_t)n) {
    if (length == 0) first = now() - began;
  }
  close(ends[0]);
  posix_spawn_file_actions_destroy(&actions);

  // Waits for the end, because Node then writes its compile cache, and so that no start disturbs the next one.
  if (waitpid(pid, &status, 0) < 0) die("waitpid");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "ended with %s %d\n", WIFEXITED(status) ? "status" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    exit(1);
  }
  while (length > 0 && isspace((unsigned char)value[length - 1])) length--;
  value[length] = 0;
  size_t padding = strspn(value, " ");
  memmove(value, value + padding, length - padding + 1);
  return first;
}

int main(int argc, char **argv) {
  int dashes = argc;
  while (dashes > 1 && strcmp(argv[dashes - 1], "--") != 0) dashes--;
  dashes--;
  char address[32] = "";
  long limit = 0, warm = 0;
  double seconds = 0;
  for (int i = dashes + 1; i < argc; i++) {
    char *text = strchr(argv[i], '=');
    if (!text) continue;
    *text++ = 0;
    if (!strcmp(argv[i], "port")) snprintf(address, sizeof address, "127.0.0.1:%s", text);
    else if (!strcmp(argv[i], "limit")) limit = atol(text);
    else if (!strcmp(argv[i], "warm")) warm = atol(text);
    else if (!strcmp(argv[i], "seconds")) seconds = atof(text);
  }
  char *line = NULL, *path, *expected;
  size_t room = 0;
  if (dashes < 2 || getline(&line, &room, stdin) <= 0) return 2;
  path = strtok(line, "\t\n"), expected = strtok(NULL, "\t\n");
  if (!path || !expected) return 2;

  char **program = calloc((size_t)dashes + 3, sizeof *program);
  memcpy(program, argv + 1, (size_t)(dashes - 1) * sizeof *program);
  char *operands[] = {"-s", address, path, NULL};
  memcpy(program + dashes - 1, operands, sizeof operands);

  for (long i = 0; i < warm; i++) start(program);
  double *times = calloc((size_t)limit, sizeof *times), total = 0, end = now() + seconds;
  long done = 0, wrong = 0;
  char first_wrong[61] = "";
  for (; done < limit && now() < end; done++) {
    total += times[done] = start(program);
    if (strcmp(value, expected) == 0) continue;
    if (wrong++ > 0) continue;
    snprintf(first_wrong, sizeof first_wrong, "%.60s", *value ? value : "nothing");
    for (char *at = first_wrong; *at; at++) {
      if (!isprint((unsigned char)*at) || *at == '"' || *at == '\\') *at = '?';
    }
  }

  printf("{\"calls\":%ld,\"seconds\":%.9f,\"wrong\":%ld,", done, total, wrong);
  if (wrong > 0) printf("\"firstWrong\":\"%s\",", first_wrong);
  printf("\"times\":[");
  for (long i = 0; i < done; i++) printf("%s%.6f", i > 0 ? "," : "", times[i] * 1e3);
  printf("]}\n");
  return 0;
}

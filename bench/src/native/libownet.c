// OWFS's own C library, driven like a client in Node by host.ts: arguments are key=value, the requests come on standard input,
// one "path TAB expected" per line, and the output is one line of JSON.
#include <ownetapi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct request {
  char *path, *expected;
};
struct caller {
  pthread_t thread;
  OWNET_HANDLE handle;
};
static struct request *requests;
static long count, size, limit, warm, callers;
static char check;
static double end;
static atomic_long next, done, wrong;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int is_right(OWNET_HANDLE handle, const struct request *request) {
  char *answer = NULL;
  int right, length;
  if (check == 'l') {
    static __thread char *room;
    if (!room) room = malloc((size_t)size);
    return OWNET_lread(handle, request->path, room, (size_t)size, 0) == atoi(request->expected);
  }
  if (check == 'e') {
    int entries = OWNET_dirlist(handle, request->path, &answer) > 0 && answer != NULL;
    for (const char *at = answer; at && *at; at++) entries += *at == ',';
    right = entries == atoi(request->expected);
  } else {
    length = OWNET_read(handle, request->path, &answer);
    right = answer && length == (int)strlen(request->expected) && memcmp(answer, request->expected, (size_t)length) == 0;
  }
  free(answer);
  return right;
}

static void *call(void *argument) {
  struct caller *caller = argument;
  for (long i; (i = atomic_fetch_add(&next, 1)) < limit && ((i & 15) != 0 || now() < end);) {
    if (!is_right(caller->handle, &requests[i % count])) atomic_fetch_add(&wrong, 1);
    atomic_fetch_add(&done, 1);
  }
  // The first caller that sees that the time is over ends it for all.
  atomic_store(&next, limit);
  return NULL;
}

int main(int argc, char **argv) {
  double seconds = 1;
  char address[32] = "";
  for (int i = 1; i < argc; i++) {
    char *value = strchr(argv[i], '=');
    if (!value) continue;
    *value++ = 0;
    if (!strcmp(argv[i], "port")) snprintf(address, sizeof address, "127.0.0.1:%s", value);
    else if (!strcmp(argv[i], "callers")) callers = atol(value);
    else if (!strcmp(argv[i], "size")) size = atol(value);
    else if (!strcmp(argv[i], "check")) check = value[0];
    else if (!strcmp(argv[i], "limit")) limit = atol(value);
    else if (!strcmp(argv[i], "warm")) warm = atol(value);
    else if (!strcmp(argv[i], "seconds")) seconds = atof(value);
  }
  char *line = NULL;
  size_t room = 0;
  while (getline(&line, &room, stdin) > 0) {
    requests = realloc(requests, (size_t)(count + 1) * sizeof *requests);
    char *path = strdup(strtok(line, "\t\n")), *expected = strtok(NULL, "\t\n");
    requests[count++] = (struct request){path, strdup(expected ? expected : "")};
  }
  if (count == 0 || callers < 1) return 2;

  // There is no compiler at run time to warm up, only connections.
  struct caller *all = calloc((size_t)callers, sizeof *all);
  if (warm > 300) warm = 300;
  for (long i = 0; i < callers; i++) {
    all[i].handle = OWNET_init(address);
    if (all[i].handle < 0) {
      fprintf(stderr, "OWNET_init failed\n");
      return 1;
    }
    for (long j = 0; j <= warm / callers; j++) is_right(all[i].handle, &requests[j % count]);
  }
  double start = now();
  end = start + seconds;
  for (long i = 0; i < callers; i++) pthread_create(&all[i].thread, NULL, call, &all[i]);
  for (long i = 0; i < callers; i++) pthread_join(all[i].thread, NULL);
  printf("{\"calls\":%ld,\"seconds\":%.9f,\"wrong\":%ld}\n", (long)done, now() - start, (long)wrong);
  OWNET_finish();
  return 0;
}

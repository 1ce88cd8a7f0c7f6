#ifndef LIST_H
#define LIST_H
#include <stddef.h>

typedef struct entry {
  int value;
  struct entry *next;
} entry_t;

#define FIRST(list) ((list)->next)

int list_sum(const entry_t *list);
entry_t *list_add(entry_t *list, int value);
#endif

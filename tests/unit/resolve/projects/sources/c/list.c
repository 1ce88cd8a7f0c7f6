#include "list.h"
#include <stdlib.h>

static entry_t *made(int value) {
  entry_t *entry = malloc(sizeof(struct entry));
  entry->value = value;
  return entry;
}

entry_t *list_add(entry_t *list, int value) {
  list->next = made(value);
  return FIRST(list);
}

int list_sum(list)
  const entry_t *list;
{
  return list ? list->value + list_sum(list->next) : 0;
}

#ifndef QUEUE_H
#define QUEUE_H
#define QUEUE_MIN(a, b) ((a) < (b) ? (a) : (b))
typedef struct queue queue;
struct job { int id; struct job *next; };
queue *queue_new(int limit);
int queue_push(queue *q, struct job *job);
#endif

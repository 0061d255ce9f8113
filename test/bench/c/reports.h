/* Sender and receiver reports of a participant (RFC 3550 section 6.4), each second. */
#ifndef BENCH_REPORTS_H
#define BENCH_REPORTS_H

#include "participant.h"

/* Remembers a sender report for the next receiver report; `report` is at its header and whole. */
void reports_handle_sender_report(struct participant *participant, const uint8_t *report, uint64_t arrival_ns);
/* Sends the reports if they are due; `encodings` that the participant sends when it publishes. */
void reports_handle_timeout(struct participant *participant, int encodings, uint64_t now_ns);

#endif

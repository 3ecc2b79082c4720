/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * What the tests of wrong arguments share: a handle of each kind, and REFUSES().
 */
#ifndef SPDL_TESTS_C_ARGUMENTS_H
#define SPDL_TESTS_C_ARGUMENTS_H

#include "check.h"
#include "jobs.h"
#include "media.h"

/* `call` ends in `, err)`: it is made with an error and without one. */
#define REFUSES(call)                            \
  do {                                           \
    spdl_error *err = ERR;                       \
    check_refusal((call), #call, err, __LINE__); \
    err = NULL;                                  \
    check_refusal((call), #call, err, __LINE__); \
  } while (0)

static inline void check_refusal(spdl_status status, const char *call, const spdl_error *error,
                                 int line) {
  if (status != SPDL_E_INVALID) check_fail(__FILE__, line, "%s gave %d", call, status);
  if (!error) return;
  CHECK_EQ(error->status, SPDL_E_INVALID);
  CHECK(error->message[0] != 0);
}

/* What out-parameters hold before a call, and after a failed one. */
static char unset;
#define UNSET ((void *)&unset)

static spdl_source *source;
static spdl_packets *packets;
static spdl_frames *frames;
static spdl_demuxer *demuxer;
static spdl_codec *codec;
static spdl_buffer *buffer;
static spdl_batch *batch;
static spdl_queue *queue;
static const spdl_source *sources[2];
static const spdl_frames *two_frames[2];

static inline void make_items(void) {
  source = media_open(PICTURE_PNG);
  packets = media_demux(source, SPDL_MEDIA_IMAGE);
  frames = media_decode(packets, NULL);
  buffer = media_convert(frames);
  queue = job_queue(NULL, 0);
  sources[0] = sources[1] = source;
  two_frames[0] = two_frames[1] = frames;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  CHECK_OK(spdl_packets_get_codec(packets, &codec, ERR));
  CHECK_OK(spdl_batch_load(sources, 1, NULL, NULL, &batch, ERR));
}

static inline void free_items(void) {
  job_check_none_ready(queue); /* A refused submission completes nothing. */
  spdl_queue_free(queue);
  spdl_source_free(source);
  spdl_packets_free(packets);
  spdl_frames_free(frames);
  spdl_demuxer_free(demuxer);
  spdl_codec_free(codec);
  spdl_buffer_free(buffer);
  spdl_batch_free(batch);
}

#endif /* SPDL_TESTS_C_ARGUMENTS_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Decoding: packets → frames, through a filter graph or without one.
 */
#ifndef SPDL_DECODE_H
#define SPDL_DECODE_H

#include "frames.h"
#include "packets.h"
#include "queue.h"

SPDL_BEGIN_DECLS

/** How decoded frames are filtered: `spdl_decode_options.filter`. */
enum {
  SPDL_FILTER_DEFAULT = 0,    /**< Pictures become rgb24, samples become fltp. */
  SPDL_FILTER_NONE = 1,       /**< No graph: the decoder's own format. */
  SPDL_FILTER_CUSTOM = 2      /**< `filter_desc`. */
};

enum {
  SPDL_DECODE_STRICT = 1      /**< A packet that does not decode is an error, not skipped. */
};

typedef struct spdl_decode_options {
  uint32_t struct_size;       /**< `sizeof(spdl_decode_options)`. */
  uint32_t flags;             /**< SPDL_DECODE_*. */
  const char *decoder;        /**< FFmpeg's name of the decoder; NULL: the codec's default. */
  const spdl_option *decoder_options; /**< Options of the decoder; "threads" is 1 by default. */
  uint32_t num_decoder_options;
  uint32_t filter;            /**< SPDL_FILTER_*. */
  const char *filter_desc;    /**< A chain of filters as in FFmpeg's -vf and -af. */
  int64_t num_frames;         /**< Stop after so many frames (audio: blocks) left the graph; 0: all. */
} spdl_decode_options;

/** Decode packets. Frames outside of the packets' window are dropped before they reach the filter
 * graph; of audio, the window is exact to the sample. Decoder and graph are flushed at the end.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return SPDL_OK (an empty window gives empty frames), SPDL_E_CORRUPT (nothing decoded, or
 *   SPDL_DECODE_STRICT), SPDL_E_UNSUPPORTED (codec), SPDL_E_OPTION, SPDL_E_FILTER, SPDL_E_LIMIT,
 *   SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_decode(const spdl_packets *packets,
                                         const spdl_decode_options *options,
                                         const spdl_limits *limits, spdl_frames **out_frames,
                                         spdl_error *err) SPDL_NOEXCEPT;
/** spdl_packets_decode() on a queue: completes with SPDL_KIND_FRAMES.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_decode_submit(spdl_queue *queue, uint64_t tag,
                                                const spdl_packets *packets,
                                                const spdl_decode_options *options,
                                                const spdl_limits *limits,
                                                spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_DECODE_H */

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

/** A decoder that is given packets as they come, and gives frames as they are asked for. A machine:
 * one operation at a time; a second one gets SPDL_E_BUSY. */
typedef struct spdl_decoder spdl_decoder;

/** Make a decoder.
 * @param codec of the packets that will come.
 * @param options may be NULL. `num_frames` counts from the start or the last spdl_decoder_end().
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (codec), SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_decoder_open(const spdl_codec *codec, const spdl_decode_options *options,
                                       spdl_decoder **out_decoder, spdl_error *err) SPDL_NOEXCEPT;

/** Give packets to a decoder, to follow those before. Nothing is decoded yet.
 * @param packets of the decoder's codec. Their window is that of those before, if they are not the
 *   first ones since the start or since spdl_decoder_end().
 * @return SPDL_OK, SPDL_E_MISMATCH (another codec or window), SPDL_E_BUSY, SPDL_E_FORKED,
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe; a decoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_decoder_push(const spdl_decoder *decoder, const spdl_packets *packets,
                                       spdl_error *err) SPDL_NOEXCEPT;

/** Say that the stream is over after the packets so far: frames that decoder and filter graph hold
 * back come out, too. Packets that are given later begin a new stream.
 * @return SPDL_OK, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe; a decoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_decoder_end(const spdl_decoder *decoder, spdl_error *err) SPDL_NOEXCEPT;

/** Decode the next frames. All frames together are what spdl_packets_decode() makes of all packets.
 * Of images, each has one picture.
 * @param num_frames pictures or blocks of samples: so many, or fewer if the packets so far give no
 *   more; 0: those that come at once.
 * @param limits may be NULL. They count what is held at a time.
 * @return SPDL_OK, SPDL_EOF (the packets so far give no more), SPDL_E_CORRUPT (nothing decoded, or
 *   SPDL_DECODE_STRICT), SPDL_E_OPTION, SPDL_E_FILTER, SPDL_E_LIMIT, SPDL_E_DEADLINE,
 *   SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID, SPDL_E_MEMORY. After a deadline or
 *   a cancellation the next call goes on.
 * @threads safe; a decoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_decoder_pull(const spdl_decoder *decoder, int64_t num_frames,
                                       const spdl_limits *limits, spdl_frames **out_frames,
                                       spdl_error *err) SPDL_NOEXCEPT;

/** spdl_decoder_pull() on a queue: completes with SPDL_KIND_FRAMES, or with SPDL_EOF.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_decoder_pull_submit(spdl_queue *queue, uint64_t tag,
                                              const spdl_decoder *decoder, int64_t num_frames,
                                              const spdl_limits *limits,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. Frames that came from it stay valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_decoder_free(spdl_decoder *decoder) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_DECODE_H */

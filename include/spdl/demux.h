/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Demuxing: source → packets.
 *
 * Each operation has a blocking form and a `_submit` form, which runs the same work on a queue
 * (`queue.h`) and delivers the result as a completion.
 */
#ifndef SPDL_DEMUX_H
#define SPDL_DEMUX_H

#include "packets.h"
#include "queue.h"
#include "source.h"

SPDL_BEGIN_DECLS

/** An open source. A machine: one operation at a time; a second one gets SPDL_E_BUSY. */
typedef struct spdl_demuxer spdl_demuxer;

enum {
  SPDL_DEMUX_ALLOW_NESTED = 1 /**< Let playlists and references (hls, concat, …) open other
                                   sources. Only for input that you trust. */
};

typedef struct spdl_demux_options {
  uint32_t struct_size;       /**< `sizeof(spdl_demux_options)`. */
  uint32_t flags;             /**< SPDL_DEMUX_*. */
  const char *format;         /**< FFmpeg's name of the demuxer; NULL: found by probing. */
  const spdl_option *format_options; /**< Options of the demuxer. */
  uint32_t num_format_options;
  uint32_t buffer_size;       /**< Bytes per read of the source; 0: 64 KiB, of a fed
                                   source 256 KiB. */
} spdl_demux_options;

/** Open a source and find its streams.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_E_NOT_FOUND, SPDL_E_IO, SPDL_E_CORRUPT, SPDL_E_UNSUPPORTED (format),
 *   SPDL_E_OPTION, SPDL_E_BUSY (fed source in use), SPDL_E_DEADLINE, SPDL_E_CANCELLED,
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_open(const spdl_source *source, const spdl_demux_options *options,
                                       const spdl_limits *limits, spdl_demuxer **out_demuxer,
                                       spdl_error *err) SPDL_NOEXCEPT;
/** spdl_demuxer_open() on a queue: completes with SPDL_KIND_DEMUXER.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_open_submit(spdl_queue *queue, uint64_t tag,
                                              const spdl_source *source,
                                              const spdl_demux_options *options,
                                              const spdl_limits *limits,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** What an open source holds. */
typedef struct spdl_demuxer_info {
  uint32_t struct_size;       /**< `sizeof(spdl_demuxer_info)`, set by the caller. */
  uint32_t num_streams;
  const char *source;         /**< Name of the source. Lives as long as the handle. */
  const char *format;         /**< FFmpeg's name of the demuxer. Lives as long as the handle. */
  int32_t audio_stream;       /**< Index of the best audio stream, or -1. */
  int32_t video_stream;       /**< Index of the best video stream, or -1. */
  spdl_rational start_time;   /**< Seconds at which the source's clock begins; 0/1 if unknown. */
  spdl_rational duration;     /**< Seconds, as the headers say; 0/1 if unknown. */
} spdl_demuxer_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_get_info(const spdl_demuxer *demuxer, spdl_demuxer_info *out_info,
                                           spdl_error *err) SPDL_NOEXCEPT;

/** The codec of the best stream of a kind.
 * @param media SPDL_MEDIA_*.
 * @return SPDL_OK, SPDL_E_NO_STREAM, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_get_codec(const spdl_demuxer *demuxer, int32_t media,
                                            spdl_codec **out_codec, spdl_error *err) SPDL_NOEXCEPT;

/** Read the packets of the best stream of a kind. Each call seeks; calls may come in any order.
 * The packets that decoding needs before the window come along; decoding drops their frames.
 * @param media SPDL_MEDIA_*; an image is the first packet of the best video stream.
 * @param window may be NULL: everything. Not for images.
 * @param limits may be NULL.
 * @return SPDL_OK (also with no packet in the window), SPDL_E_NO_STREAM, SPDL_E_IO,
 *   SPDL_E_CORRUPT, SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED,
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe; a demuxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_demux(const spdl_demuxer *demuxer, int32_t media,
                                        const spdl_window *window, const spdl_limits *limits,
                                        spdl_packets **out_packets, spdl_error *err) SPDL_NOEXCEPT;
/** spdl_demuxer_demux() on a queue: completes with SPDL_KIND_PACKETS.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_demux_submit(spdl_queue *queue, uint64_t tag,
                                               const spdl_demuxer *demuxer, int32_t media,
                                               const spdl_window *window, const spdl_limits *limits,
                                               spdl_error *err) SPDL_NOEXCEPT;

/** Packets that follow each other in a source: for each stream that has any, one spdl_packets. */
typedef struct spdl_chunk spdl_chunk;

enum {
  SPDL_READ_FROM_START = 1    /**< Go to the beginning first, as after opening. */
};

/** How much to read; all that is left, if neither bound is given. */
typedef struct spdl_read_options {
  uint32_t struct_size;       /**< `sizeof(spdl_read_options)`. */
  uint32_t flags;             /**< SPDL_READ_*. */
  spdl_rational duration;     /**< Seconds from chunk to chunk, by the time of decoding; 0/1: any. */
  int64_t num_packets;        /**< Packets of all streams at most; 0: any number. */
} spdl_read_options;

/** Read on in the source: the next packets of some streams, in the order of the source. The chunks
 * of a duration d end at multiples of d after the first packet; a stretch without packets is left
 * out. All chunks together are what spdl_demuxer_demux() reads without a window.
 * @param streams `num_streams` indices of audio or video streams, at least one.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_EOF (nothing is left), SPDL_E_NO_STREAM, SPDL_E_IO, SPDL_E_CORRUPT,
 *   SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID,
 *   SPDL_E_MEMORY. What was read before a limit, a deadline or a cancellation is lost.
 * @threads safe; a demuxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_read(const spdl_demuxer *demuxer, const int32_t *streams,
                                       uint32_t num_streams, const spdl_read_options *options,
                                       const spdl_limits *limits, spdl_chunk **out_chunk,
                                       spdl_error *err) SPDL_NOEXCEPT;

/** spdl_demuxer_read() on a queue: completes with SPDL_KIND_CHUNK, or with SPDL_EOF.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_read_submit(spdl_queue *queue, uint64_t tag,
                                              const spdl_demuxer *demuxer, const int32_t *streams,
                                              uint32_t num_streams,
                                              const spdl_read_options *options,
                                              const spdl_limits *limits,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** What a chunk holds. */
typedef struct spdl_chunk_info {
  uint32_t struct_size;       /**< `sizeof(spdl_chunk_info)`, set by the caller. */
  uint32_t num_streams;       /**< Streams with packets in it: at least 1. */
} spdl_chunk_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_chunk_get_info(const spdl_chunk *chunk, spdl_chunk_info *out_info,
                                         spdl_error *err) SPDL_NOEXCEPT;

/** The packets of one stream of a chunk.
 * @param index from 0 to `num_streams` - 1, by ascending index of the stream.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_chunk_get_packets(const spdl_chunk *chunk, uint32_t index,
                                            spdl_packets **out_packets,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. Packets that came from it stay valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_chunk_free(spdl_chunk *chunk) SPDL_NOEXCEPT;

/** End a handle. Packets that came from it stay valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_demuxer_free(spdl_demuxer *demuxer) SPDL_NOEXCEPT;

/** Open a source, read the packets of one stream, close it.
 * @param media SPDL_MEDIA_*.
 * @param window may be NULL: everything. Not for images.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return as spdl_demuxer_open() and spdl_demuxer_demux().
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_demux(const spdl_source *source, int32_t media,
                                       const spdl_window *window, const spdl_demux_options *options,
                                       const spdl_limits *limits, spdl_packets **out_packets,
                                       spdl_error *err) SPDL_NOEXCEPT;
/** spdl_source_demux() on a queue: completes with SPDL_KIND_PACKETS.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_demux_submit(spdl_queue *queue, uint64_t tag,
                                              const spdl_source *source, int32_t media,
                                              const spdl_window *window,
                                              const spdl_demux_options *options,
                                              const spdl_limits *limits,
                                              spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_DEMUX_H */

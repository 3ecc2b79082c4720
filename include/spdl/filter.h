/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Filter graphs: frames → frames, through a graph with sources and sinks of its own.
 *
 * A graph is described as FFmpeg does, its sources and sinks included:
 * "buffer=video_size=160x120:pix_fmt=rgb24:time_base=1/25:pixel_aspect=1/1,hflip,buffersink".
 * Samples go through "abuffer" and "abuffersink". Each has a key: its name, or with a label, which
 * is needed if there are several of a name, both: "buffer@main", "buffersink@small". A filter may do
 * what its options say, reading files included: a description is to be trusted like a program.
 *
 * A graph is a machine: one operation at a time; a second one gets SPDL_E_BUSY. Frames that go in
 * are shared and stay as they are. An operation that is cancelled, late or over a limit loses
 * nothing; the next one goes on from there. After one that fails in a filter, the graph takes and
 * gives no more.
 */
#ifndef SPDL_FILTER_H
#define SPDL_FILTER_H

#include "frames.h"
#include "queue.h"

SPDL_BEGIN_DECLS

typedef struct spdl_filter_graph spdl_filter_graph;

/** Make a graph.
 * @param desc of at most 1000 filters.
 * @param limits may be NULL. `max_pixels` holds for all that goes from filter to filter.
 * @return SPDL_OK, SPDL_E_FILTER (the message says which filter or option is wrong, if FFmpeg lets
 *   it be found), SPDL_E_LIMIT, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_open(const char *desc, const spdl_limits *limits,
                                            spdl_filter_graph **out_graph,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** What a graph is. The string lives as long as the handle. */
typedef struct spdl_filter_graph_info {
  uint32_t struct_size;       /**< `sizeof(spdl_filter_graph_info)`, set by the caller. */
  uint32_t num_sources;       /**< Where frames go in; filters that make frames do not count. */
  uint32_t num_sinks;         /**< Where frames come out: at least 1. */
  uint32_t reserved;          /**< 0. */
  const char *dump;           /**< FFmpeg's drawing of the graph, of many lines. */
} spdl_filter_graph_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe, also while the graph is in use. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_get_info(const spdl_filter_graph *graph,
                                                spdl_filter_graph_info *out_info,
                                                spdl_error *err) SPDL_NOEXCEPT;

/** What there are keys of: spdl_filter_graph_get_keys(). */
enum {
  SPDL_GRAPH_SOURCES = 1,
  SPDL_GRAPH_SINKS = 2
};

/** The keys of sources or sinks, in the order of the description, and as their values what goes
 * through: "audio" or "video".
 * @param list SPDL_GRAPH_*.
 * @param out_keys room for `num_keys` entries, whose strings live as long as the handle; may be
 *   NULL if there is none.
 * @param out_num the number of keys there are; at most `num_keys` of them are written.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe, also while the graph is in use. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_get_keys(const spdl_filter_graph *graph, int32_t list,
                                                spdl_entry *out_keys, size_t num_keys,
                                                size_t *out_num, spdl_error *err) SPDL_NOEXCEPT;

/** Give frames to a source. They wait there until frames are asked for. Their times are put on the
 * clock that the description gives to the source, `time_base`; frames without one follow the frame
 * before.
 * @param key of the source; NULL if there is one only.
 * @param limits may be NULL. `max_frames` and `max_bytes` hold for all that waits.
 * @return SPDL_OK, SPDL_E_FILTER (other frames than the description of the source says),
 *   SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID (no
 *   such source, or flushed or failed before), SPDL_E_MEMORY. None of the frames is taken then.
 * @threads safe; a graph in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_add_frames(const spdl_filter_graph *graph, const char *key,
                                                  const spdl_frames *frames,
                                                  const spdl_limits *limits,
                                                  spdl_error *err) SPDL_NOEXCEPT;
/** spdl_filter_graph_add_frames() on a queue: completes with SPDL_KIND_NONE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_add_frames_submit(spdl_queue *queue, uint64_t tag,
                                                         const spdl_filter_graph *graph,
                                                         const char *key,
                                                         const spdl_frames *frames,
                                                         const spdl_limits *limits,
                                                         spdl_error *err) SPDL_NOEXCEPT;

/** Filter: all that comes out of a sink, made of the frames that were added so far. Their media is
 * the sink's, SPDL_MEDIA_AUDIO or VIDEO, their times are on its clock.
 * @param key of the sink; NULL if there is one only.
 * @param limits may be NULL. `max_frames` holds for each sink, `max_bytes` for what is ready at all
 *   of them. Filters that make frames for ever end by a limit only.
 * @return SPDL_OK, SPDL_AGAIN (frames must be added first), SPDL_EOF (nothing more will come),
 *   SPDL_E_FILTER (a filter failed), SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY,
 *   SPDL_E_FORKED, SPDL_E_INVALID (no such sink, or failed before), SPDL_E_MEMORY.
 * @threads safe; a graph in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_get_frames(const spdl_filter_graph *graph, const char *key,
                                                  const spdl_limits *limits,
                                                  spdl_frames **out_frames,
                                                  spdl_error *err) SPDL_NOEXCEPT;
/** spdl_filter_graph_get_frames() on a queue: completes with SPDL_KIND_FRAMES, or SPDL_AGAIN or
 * SPDL_EOF.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_get_frames_submit(spdl_queue *queue, uint64_t tag,
                                                         const spdl_filter_graph *graph,
                                                         const char *key,
                                                         const spdl_limits *limits,
                                                         spdl_error *err) SPDL_NOEXCEPT;

/** The streams of all sources are over: what filters hold back can be got. Again does nothing.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID
 *   (failed before).
 * @threads safe; a graph in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_flush(const spdl_filter_graph *graph,
                                             const spdl_limits *limits,
                                             spdl_error *err) SPDL_NOEXCEPT;
/** spdl_filter_graph_flush() on a queue: completes with SPDL_KIND_NONE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_filter_graph_flush_submit(spdl_queue *queue, uint64_t tag,
                                                    const spdl_filter_graph *graph,
                                                    const spdl_limits *limits,
                                                    spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. Frames that came out stay.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_filter_graph_free(spdl_filter_graph *graph) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_FILTER_H */

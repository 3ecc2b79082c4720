/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Bitstream filters: packets → packets. They change how packets are written, or what their headers
 * say, without decoding them. Times and the window stay.
 *
 * A filter is described as FFmpeg does: "h264_mp4toannexb", with options "h264_metadata=level=4.1",
 * several "noise=drop=1,h264_mp4toannexb".
 */
#ifndef SPDL_BSF_H
#define SPDL_BSF_H

#include "demux.h"
#include "packets.h"
#include "queue.h"

SPDL_BEGIN_DECLS

/** A filter for the packets of one stream, in their order. A machine: one operation at a time; a
 * second one gets SPDL_E_BUSY. */
typedef struct spdl_bsf spdl_bsf;

/** Make a filter.
 * @param codec of the packets that will come.
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (no such filter, or not for this codec), SPDL_E_OPTION,
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_bsf_open(const spdl_codec *codec, const char *desc, spdl_bsf **out_bsf,
                                   spdl_error *err) SPDL_NOEXCEPT;

enum {
  SPDL_BSF_FLUSH = 1          /**< The stream is over: give what is held back, too, and begin anew. */
};

/** Filter packets that follow those before.
 * @param packets of the filter's codec; NULL: none, to flush.
 * @param flags SPDL_BSF_*.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_EOF (no packet comes out), SPDL_E_CORRUPT, SPDL_E_MISMATCH (another codec),
 *   SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID,
 *   SPDL_E_MEMORY. After an error the filter begins anew.
 * @threads safe; a filter in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_bsf_filter(const spdl_bsf *bsf, const spdl_packets *packets,
                                     uint32_t flags, const spdl_limits *limits,
                                     spdl_packets **out_packets, spdl_error *err) SPDL_NOEXCEPT;
/** spdl_bsf_filter() on a queue: completes with SPDL_KIND_PACKETS, or with SPDL_EOF.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_bsf_filter_submit(spdl_queue *queue, uint64_t tag, const spdl_bsf *bsf,
                                            const spdl_packets *packets, uint32_t flags,
                                            const spdl_limits *limits,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. Packets that came from it stay valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_bsf_free(spdl_bsf *bsf) SPDL_NOEXCEPT;

/** Filter all packets of a stream.
 * @param limits may be NULL.
 * @return as spdl_bsf_open() and spdl_bsf_filter(), but never SPDL_EOF: packets of which none comes
 *   out are SPDL_OK, an image of which none comes out is SPDL_E_CORRUPT.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_apply_bsf(const spdl_packets *packets, const char *desc,
                                            const spdl_limits *limits, spdl_packets **out_packets,
                                            spdl_error *err) SPDL_NOEXCEPT;
/** spdl_packets_apply_bsf() on a queue: completes with SPDL_KIND_PACKETS.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_apply_bsf_submit(spdl_queue *queue, uint64_t tag,
                                                   const spdl_packets *packets, const char *desc,
                                                   const spdl_limits *limits,
                                                   spdl_error *err) SPDL_NOEXCEPT;

/** spdl_demuxer_demux() and spdl_packets_apply_bsf() in one.
 * @return as those.
 * @threads safe; a demuxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_demux_bsf(const spdl_demuxer *demuxer, int32_t media,
                                            const spdl_window *window, const char *desc,
                                            const spdl_limits *limits, spdl_packets **out_packets,
                                            spdl_error *err) SPDL_NOEXCEPT;
/** spdl_demuxer_demux_bsf() on a queue: completes with SPDL_KIND_PACKETS.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_demux_bsf_submit(spdl_queue *queue, uint64_t tag,
                                                   const spdl_demuxer *demuxer, int32_t media,
                                                   const spdl_window *window, const char *desc,
                                                   const spdl_limits *limits,
                                                   spdl_error *err) SPDL_NOEXCEPT;

/** spdl_source_demux() and spdl_packets_apply_bsf() in one.
 * @return as those.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_demux_bsf(const spdl_source *source, int32_t media,
                                           const spdl_window *window, const char *desc,
                                           const spdl_demux_options *options,
                                           const spdl_limits *limits, spdl_packets **out_packets,
                                           spdl_error *err) SPDL_NOEXCEPT;
/** spdl_source_demux_bsf() on a queue: completes with SPDL_KIND_PACKETS.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_demux_bsf_submit(spdl_queue *queue, uint64_t tag,
                                                  const spdl_source *source, int32_t media,
                                                  const spdl_window *window, const char *desc,
                                                  const spdl_demux_options *options,
                                                  const spdl_limits *limits,
                                                  spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_BSF_H */

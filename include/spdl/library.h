/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * The library itself: versions, log level, live handles.
 */
#ifndef SPDL_LIBRARY_H
#define SPDL_LIBRARY_H

#include "types.h"

SPDL_BEGIN_DECLS

/** Kinds of handles: spdl_library_count_handles(), `spdl_completion.kind`. */
enum {
  SPDL_KIND_NONE = 0,
  SPDL_KIND_CANCEL = 1,
  SPDL_KIND_MEMORY = 2,
  SPDL_KIND_SOURCE = 3,
  SPDL_KIND_DEMUXER = 4,
  SPDL_KIND_CODEC = 5,
  SPDL_KIND_PACKETS = 6,
  SPDL_KIND_FRAMES = 7,
  SPDL_KIND_BUFFER = 8,
  SPDL_KIND_BATCH = 9,
  SPDL_KIND_POOL = 10,
  SPDL_KIND_QUEUE = 11,
  SPDL_KIND_CHUNK = 12,
  SPDL_KIND_DECODER = 13,
  SPDL_KIND_ZIP = 14,
  SPDL_KIND_ENCODER = 15,
  SPDL_KIND_MUXER = 16,
  SPDL_KIND_SAMPLES = 17,
  SPDL_KIND_BSF = 18,
  SPDL_KIND_FILTER_GRAPH = 19,
  SPDL_KIND_TRACE = 20,
  SPDL_KIND_COUNT = 21        /**< One more than the last kind. */
};

/** What a build can have beyond what every build has: `spdl_library_info.features`. */
enum {
  SPDL_FEATURE_CUDA = 1,        /**< Copies to and from GPUs, pinned memory. */
  SPDL_FEATURE_NVCODEC = 2,     /**< Video decoding on GPUs (NVDEC). */
  SPDL_FEATURE_NVJPEG = 4       /**< JPEG decoding on GPUs. */
};

/** What this library is. The strings live as long as the library. */
typedef struct spdl_library_info {
  uint32_t struct_size;         /**< `sizeof(spdl_library_info)`, set by the caller. */
  uint32_t abi_version;         /**< SPDL_ABI_VERSION of the build. */
  const char *version;          /**< Of spdl: "0.1.0". */
  const char *ffmpeg_version;   /**< As av_version_info() says it: "5.1.9-0+deb12u1". */
  const char *ffmpeg_license;   /**< As avformat_license() says it. */
  uint32_t avutil_version;      /**< (major << 16) | (minor << 8) | micro of the loaded library. */
  uint32_t avcodec_version;     /**< Likewise. */
  uint32_t avformat_version;    /**< Likewise. */
  uint32_t avfilter_version;    /**< Likewise. */
  uint32_t swscale_version;     /**< Likewise. */
  uint32_t swresample_version;  /**< Likewise. */
  uint32_t features;            /**< SPDL_FEATURE_*. A machine may still lack what they need. */
  uint32_t reserved;            /**< 0. */
} spdl_library_info;

/** @return SPDL_ABI_VERSION of the loaded library.
 * @threads safe. @since 0.1 */
SPDL_API uint32_t spdl_abi_version(void) SPDL_NOEXCEPT;

/** Describe the library.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_library_get_info(spdl_library_info *out_info,
                                           spdl_error *err) SPDL_NOEXCEPT;

/** What there are names of: spdl_library_get_names(). */
enum {
  SPDL_NAMES_FILTERS = 1,        /**< FFmpeg's filters; value: what it does. */
  SPDL_NAMES_PIXEL_FORMATS = 2,  /**< Pixel formats that make an array; value: type of an element as
                                      in NumPy's array interface. */
  SPDL_NAMES_SAMPLE_FORMATS = 3  /**< Sample formats; value: as of pixel formats. */
};

/** Names that the library and its FFmpeg know.
 * @param list SPDL_NAMES_*.
 * @param out_names room for `num_names` entries, whose strings live as long as the library; may be
 *   NULL if there is none.
 * @param out_num the number of names there are; at most `num_names` of them are written.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_library_get_names(int32_t list, spdl_entry *out_names, size_t num_names,
                                            size_t *out_num, spdl_error *err) SPDL_NOEXCEPT;

/** How many handles of a kind are alive in this process: made and not freed, and those made by
 * finished jobs and not yet collected.
 * @param kind SPDL_KIND_*; SPDL_KIND_NONE counts all.
 * @return the number, or -1 for an unknown kind.
 * @threads safe. @since 0.1 */
SPDL_API int64_t spdl_library_count_handles(uint32_t kind) SPDL_NOEXCEPT;

/** Set FFmpeg's log level for the whole process (av_log_set_level()). The library sets it to
 * AV_LOG_PANIC (0) once, when it is loaded, and prints nothing itself.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_library_set_log_level(int32_t level) SPDL_NOEXCEPT;

/** @return FFmpeg's log level (av_log_get_level()).
 * @threads safe. @since 0.1 */
SPDL_API int32_t spdl_library_get_log_level(void) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_LIBRARY_H */

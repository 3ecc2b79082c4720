// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/library.h"

#include "abi/boundary.h"
#include "abi/handle.h"
#include "abi/operation.h"
#include "ffmpeg/library.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

// The build names the parts that it has.
constexpr uint32_t features() {
  uint32_t found = 0;
#ifdef SPDL_HAS_CUDA
  found |= SPDL_FEATURE_CUDA;
#endif
#ifdef SPDL_HAS_NVCODEC
  found |= SPDL_FEATURE_NVCODEC;
#endif
#ifdef SPDL_HAS_NVJPEG
  found |= SPDL_FEATURE_NVJPEG;
#endif
  return found;
}

Result<ffmpeg::Names> read_names(int32_t list) {
  if (list == SPDL_NAMES_FILTERS) return ffmpeg::filters();
  if (list == SPDL_NAMES_PIXEL_FORMATS) return ffmpeg::pixel_formats();
  if (list == SPDL_NAMES_SAMPLE_FORMATS) return ffmpeg::sample_formats();
  return invalid("The list is none of SPDL_NAMES_*.");
}

}  // namespace

static_assert(SPDL_KIND_COUNT <= max_kinds);

uint32_t spdl_abi_version(void) noexcept { return SPDL_ABI_VERSION; }

spdl_status spdl_library_get_info(spdl_library_info *out_info, spdl_error *err) noexcept {
  return guard(err, [&] {
    const auto versions = ffmpeg::versions();
    spdl_library_info info{};
    info.abi_version = SPDL_ABI_VERSION;
    info.version = SPDL_VERSION;
    info.ffmpeg_version = versions.release;
    info.ffmpeg_license = versions.license;
    info.avutil_version = versions.avutil;
    info.avcodec_version = versions.avcodec;
    info.avformat_version = versions.avformat;
    info.avfilter_version = versions.avfilter;
    info.swscale_version = versions.swscale;
    info.swresample_version = versions.swresample;
    info.features = features();
    return write_struct(out_info, info);
  });
}

spdl_status spdl_library_get_names(int32_t list, spdl_entry *out_names, size_t num_names,
                                   size_t *out_num, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_num));
    if (num_names > 0) SPDL_TRY(require(out_names));
    SPDL_TRY_ASSIGN(const auto names, read_names(list));
    std::vector<spdl_entry> entries;
    for (const auto &[name, value] : names) entries.push_back({name, value});
    return copy_list(entries, out_names, num_names, out_num);
  });
}

int64_t spdl_library_count_handles(uint32_t kind) noexcept {
  if (kind >= SPDL_KIND_COUNT) return -1;
  if (kind != SPDL_KIND_NONE) return live_handles[kind].load();
  int64_t sum = 0;
  for (const auto &count : live_handles) sum += count.load();
  return sum;
}

void spdl_library_set_log_level(int32_t level) noexcept { ffmpeg::set_log_level(level); }

int32_t spdl_library_get_log_level(void) noexcept { return ffmpeg::log_level(); }

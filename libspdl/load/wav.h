// SPDX-License-Identifier: BSD-2-Clause
// Samples of WAV files without FFmpeg.
#pragma once

#include "load/item.h"

namespace spdl::load {

inline constexpr const char *backend_native = "native";

// Equal to what FFmpeg makes of the source. Null if it is no plain WAV file in memory or on disk,
// if more is asked for than its samples or the default filter, and wherever there would be an
// error: then FFmpeg is to judge.
Result<ItemPtr> load_wav_item(const ffmpeg::SourcePtr &source, const ffmpeg::Window &window,
                              const ItemOptions &options, const Limits &limits);

}  // namespace spdl::load

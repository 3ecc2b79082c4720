// SPDX-License-Identifier: BSD-2-Clause
// Options of the caller as options of the inner floors. What they point to is copied.
#pragma once

#include "abi/boundary.h"
#include "abi/handle.h"

namespace spdl::abi {

Result<Limits> read_limits(const spdl_limits *limits);
Result<ffmpeg::Media> read_media(int32_t media);
Result<ffmpeg::Window> read_window(const spdl_window *window);
// Images have none.
Result<ffmpeg::Window> read_window_for(ffmpeg::Media media, const spdl_window *window);
Result<ffmpeg::DemuxOptions> read_demux_options(const spdl_demux_options *options);
Result<ffmpeg::ChunkOptions> read_read_options(const spdl_read_options *options);
Result<ffmpeg::EncodeOptions> read_encode_options(const spdl_encode_options *options);
// Of a picture: format and size may be left open.
Result<ffmpeg::EncodeOptions> read_open_encode_options(const spdl_encode_options *options);
Result<ffmpeg::OptionList> read_option_list(const spdl_option *options, uint32_t n);
Result<ffmpeg::DecodeOptions> read_decode_options(const spdl_decode_options *options);

// Frames per second: above 0, and no larger than FFmpeg's rationals are.
Result<AVRational> read_rate(spdl_rational rate);

Result<ffmpeg::Destination> read_destination(const char *name, const spdl_muxer_options *options);
// Whether memory for results can be page-locked, if that is wanted.
Result<void> check_pinned(bool is_wanted, const spdl_memory *out);

// Memory to read from.
Result<std::shared_ptr<const buffer::Memory>> read_data(const spdl_memory *memory);

// Writable memory for a result; null if there is none.
Result<std::shared_ptr<const buffer::Memory>> read_out(const spdl_memory *out);

Result<void> check_flags(uint32_t flags, uint32_t known);

// The values of a list of handles.
template <class Handle>
Result<std::vector<typename Handle::Value>> read_list(const Handle *const *handles, uint32_t n) {
  SPDL_TRY(require(handles));
  if (n == 0) return invalid("A list of handles is empty.");
  std::vector<typename Handle::Value> values;
  values.reserve(n);
  for (uint32_t i = 0; i < n; ++i) {
    SPDL_TRY(require(handles[i]));
    values.push_back(handles[i]->value);
  }
  return values;
}

inline std::string to_string(const char *text) { return text ? text : ""; }

}  // namespace spdl::abi

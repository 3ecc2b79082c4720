// SPDX-License-Identifier: BSD-2-Clause
#include "abi/options.h"

namespace spdl::abi {
namespace {

Result<int64_t> read_limit(int64_t value, int64_t by_default) {
  if (value < 0) return invalid("A limit is negative.");
  return value ? value : by_default;
}

Result<std::optional<spdl_rational>> read_bound(bool is_set, spdl_rational bound) {
  if (!is_set) return std::nullopt;
  if (bound.den <= 0) return invalid("A bound of the window has no positive denominator.");
  return bound;
}

// In AV_TIME_BASE; 0 if there is none.
Result<int64_t> read_duration(spdl_rational seconds) {
  if (seconds.num == 0) return 0;
  if (seconds.num < 0 || seconds.den <= 0) return invalid("The duration is not above 0.");
  const int64_t duration = av_rescale(seconds.num, AV_TIME_BASE, seconds.den);
  return duration == INT64_MIN ? INT64_MAX : std::max<int64_t>(1, duration);
}

}  // namespace

Result<void> check_flags(uint32_t flags, uint32_t known) {
  if (flags & ~known) return invalid("A flag is set that this library does not know.");
  return {};
}

Result<ffmpeg::OptionList> read_option_list(const spdl_option *options, uint32_t n) {
  ffmpeg::OptionList list;
  if (n > 0) SPDL_TRY(require(options));
  for (uint32_t i = 0; i < n; ++i) {
    SPDL_TRY(require(options[i].name, options[i].value));
    list.emplace_back(options[i].name, options[i].value);
  }
  return list;
}

Result<Limits> read_limits(const spdl_limits *from) {
  SPDL_TRY_ASSIGN(const spdl_limits read, read_struct(from));
  SPDL_TRY(check_flags(read.flags, 0));
  Limits limits;
  SPDL_TRY_ASSIGN(const int64_t timeout, read_limit(read.timeout_ns, Limits::none));
  SPDL_TRY_ASSIGN(limits.max_pixels, read_limit(read.max_pixels, Limits::default_max_pixels));
  SPDL_TRY_ASSIGN(limits.max_bytes, read_limit(read.max_bytes, Limits::none));
  SPDL_TRY_ASSIGN(limits.max_frames, read_limit(read.max_frames, Limits::none));
  const int64_t now = monotonic_ns();
  if (timeout < Limits::none - now) limits.deadline_ns = now + timeout;
  if (read.cancel) limits.user_stop = read.cancel->value;
  return limits;
}

Result<ffmpeg::Media> read_media(int32_t media) {
  switch (media) {
    case SPDL_MEDIA_AUDIO:
    case SPDL_MEDIA_VIDEO:
    case SPDL_MEDIA_IMAGE:
      return static_cast<ffmpeg::Media>(media);
    default:
      return invalid("The media kind is none of SPDL_MEDIA_AUDIO, VIDEO and IMAGE.");
  }
}

Result<ffmpeg::Window> read_window(const spdl_window *from) {
  SPDL_TRY_ASSIGN(const spdl_window read, read_struct(from));
  SPDL_TRY(check_flags(read.flags, SPDL_WINDOW_START | SPDL_WINDOW_END));
  ffmpeg::Window window;
  SPDL_TRY_ASSIGN(window.start, read_bound(read.flags & SPDL_WINDOW_START, read.start));
  SPDL_TRY_ASSIGN(window.end, read_bound(read.flags & SPDL_WINDOW_END, read.end));
  return window;
}

Result<AVRational> read_rate(spdl_rational rate) {
  constexpr int64_t largest = std::numeric_limits<int>::max();
  if (rate.num <= 0 || rate.den <= 0 || rate.num > largest || rate.den > largest)
    return invalid("A frame rate must be a fraction of numbers from 1 to 2^31 - 1.");
  return AVRational{static_cast<int>(rate.num), static_cast<int>(rate.den)};
}

Result<ffmpeg::Window> read_window_for(ffmpeg::Media media, const spdl_window *window) {
  if (media == ffmpeg::Media::image && window) return invalid("An image has no time window.");
  return read_window(window);
}

Result<ffmpeg::DemuxOptions> read_demux_options(const spdl_demux_options *from) {
  SPDL_TRY_ASSIGN(const spdl_demux_options read, read_struct(from));
  SPDL_TRY(check_flags(read.flags, SPDL_DEMUX_ALLOW_NESTED));
  ffmpeg::DemuxOptions options;
  options.format = to_string(read.format);
  SPDL_TRY_ASSIGN(options.format_options,
                  read_option_list(read.format_options, read.num_format_options));
  constexpr uint32_t largest_buffer = 1u << 30;
  if (read.buffer_size > largest_buffer) return invalid("The buffer size is over 1 GiB.");
  options.buffer_size = static_cast<int>(read.buffer_size);
  options.allow_nested = read.flags & SPDL_DEMUX_ALLOW_NESTED;
  return options;
}

Result<ffmpeg::ChunkOptions> read_read_options(const spdl_read_options *from) {
  SPDL_TRY_ASSIGN(const spdl_read_options read, read_struct(from));
  SPDL_TRY(check_flags(read.flags, SPDL_READ_FROM_START));
  if (read.num_packets < 0) return invalid("The number of packets is negative.");
  SPDL_TRY_ASSIGN(const int64_t duration, read_duration(read.duration));
  return ffmpeg::ChunkOptions{.from_start = (read.flags & SPDL_READ_FROM_START) != 0,
                              .duration = duration,
                              .num_packets = read.num_packets};
}

Result<ffmpeg::DecodeOptions> read_decode_options(const spdl_decode_options *from) {
  SPDL_TRY_ASSIGN(const spdl_decode_options read, read_struct(from));
  SPDL_TRY(check_flags(read.flags, SPDL_DECODE_STRICT | SPDL_DECODE_REFERENCE));
  ffmpeg::DecodeOptions options;
  options.decoder.name = to_string(read.decoder);
  SPDL_TRY_ASSIGN(options.decoder.options,
                  read_option_list(read.decoder_options, read.num_decoder_options));
  if (read.filter > SPDL_FILTER_CUSTOM) return invalid("The filter is none of SPDL_FILTER_*.");
  options.use_default_filter = read.filter == SPDL_FILTER_DEFAULT;
  if (read.filter == SPDL_FILTER_CUSTOM) {
    SPDL_TRY(require(read.filter_desc));
    options.filter_desc = read.filter_desc;
  }
  if (read.num_frames < 0) return invalid("The number of frames is negative.");
  options.num_frames = read.num_frames;
  options.strict = read.flags & SPDL_DECODE_STRICT;
  options.is_reference = read.flags & SPDL_DECODE_REFERENCE;
  return options;
}

Result<void> check_pinned(bool is_wanted, const spdl_memory *out) {
  if (!is_wanted) return {};
  if (out) return invalid("Memory that is given cannot be made pinned: give a pinned storage.");
  return Error{Status::unsupported, Origin::buffer,
               "Pinned memory needs CUDA, which this build of libspdl does not use. Use ordinary "
               "memory: pin_memory=False."};
}

Result<std::shared_ptr<const buffer::Memory>> read_data(const spdl_memory *memory) {
  SPDL_TRY(require(memory));
  if (memory->value->is_set_aside())
    return invalid("Memory set aside for results is no source; lend the memory that has the data.");
  return memory->value;
}

Result<std::shared_ptr<const buffer::Memory>> read_out(const spdl_memory *out) {
  if (!out) return nullptr;
  if (!out->value->writable()) return invalid("The memory of `out` is not writable.");
  return out->value;
}

}  // namespace spdl::abi

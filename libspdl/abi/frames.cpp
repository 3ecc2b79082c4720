// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/frames.h"

#include "abi/boundary.h"
#include "abi/handle.h"
#include "abi/operation.h"
#include "ffmpeg/probe.h"
#include "ffmpeg/reference.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

void describe_first(spdl_frames_info &info, const ffmpeg::Frames &frames) {
  const AVFrame &frame = frames.front();
  if (frames.is_audio()) {
    info.sample_rate = frame.sample_rate;
    info.num_channels = frame.ch_layout.nb_channels;
    return;
  }
  info.num_planes = av_pix_fmt_count_planes(static_cast<AVPixelFormat>(frame.format));
  info.width = frame.width;
  info.height = frame.height;
}

Result<void> check_selection(const ffmpeg::Frames &frames, std::span<const int64_t> indices,
                             ffmpeg::Media media) {
  if (frames.is_audio() || media == ffmpeg::Media::audio)
    return invalid("Only pictures can be selected.");
  if (media == ffmpeg::Media::image && indices.size() != 1)
    return invalid("An image is one picture, not " + std::to_string(indices.size()) + ".");
  for (const int64_t index : indices)
    if (index < 0 || index >= frames.count())
      return invalid("There is no frame " + std::to_string(index) + " among " +
                     std::to_string(frames.count()) + ".");
  return {};
}

Result<ffmpeg::ReferenceLayout> read_layout(const spdl_frames_options *options) {
  SPDL_TRY(require(options));
  SPDL_TRY_ASSIGN(const spdl_frames_options read, read_struct(options));
  SPDL_TRY(require(read.format));
  ffmpeg::ReferenceLayout layout;
  SPDL_TRY_ASSIGN(layout.media, read_media(read.media));
  layout.format = read.format;
  layout.num_frames = read.num_frames;
  layout.width = read.width;
  layout.height = read.height;
  if (read.frame_rate.num || read.frame_rate.den) {
    SPDL_TRY_ASSIGN(layout.frame_rate, read_rate(read.frame_rate));
  }
  layout.sample_rate = read.sample_rate;
  layout.num_channels = read.num_channels;
  layout.pts = read.pts;
  return layout;
}

}  // namespace

spdl_status spdl_frames_get_info(const spdl_frames *frames, spdl_frames_info *out_info,
                                 spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(frames));
    const ffmpeg::Frames &value = *frames->value;
    spdl_frames_info info{};
    info.media = static_cast<int32_t>(value.media);
    info.num_frames = value.count();
    info.num_timestamps = static_cast<uint32_t>(value.frames.size());
    info.num_corrupt = value.num_corrupt;
    info.format = value.format();
    info.time_base = {value.time_base.num, value.time_base.den};
    if (!value.frames.empty()) describe_first(info, value);
    return write_struct(out_info, info);
  });
}

spdl_status spdl_frames_get_pts(const spdl_frames *frames, int64_t *out_pts, size_t num_pts,
                                size_t *out_num, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(frames, out_num));
    if (num_pts > 0) SPDL_TRY(require(out_pts));
    std::vector<int64_t> pts;
    const auto value = frames->value;  // the handle may be freed meanwhile
    for (const auto &frame : value->frames) pts.push_back(frame->pts);
    return copy_list(pts, out_pts, num_pts, out_num);
  });
}

spdl_status spdl_frames_get_metadata(const spdl_frames *frames, uint32_t index,
                                     spdl_entry *out_entries, size_t num_entries, size_t *out_num,
                                     spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(frames, out_num));
    if (num_entries > 0) SPDL_TRY(require(out_entries));
    const auto value = frames->value;  // the handle may be freed meanwhile
    if (index >= value->frames.size()) return invalid("There is no frame of this index.");
    return copy_list(ffmpeg::entries_of(value->frames[index]->metadata), out_entries, num_entries,
                     out_num);
  });
}

spdl_status spdl_frames_select(const spdl_frames *frames, const int64_t *indices,
                               size_t num_indices, int32_t media, spdl_frames **out_frames,
                               spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(frames, out_frames));
    if (num_indices > 0) SPDL_TRY(require(indices));
    const auto value = frames->value;  // the handle may be freed meanwhile
    SPDL_TRY_ASSIGN(const auto kind, read_media(media));
    const std::span<const int64_t> chosen(indices, num_indices);
    SPDL_TRY(check_selection(*value, chosen, kind));
    *out_frames = new spdl_frames(ffmpeg::select(*value, chosen, kind));
    return {};
  });
}

spdl_status spdl_frames_from_memory(const spdl_memory *memory, const spdl_frames_options *options,
                                    spdl_frames **out_frames, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_frames));
    SPDL_TRY_ASSIGN(auto data, read_data(memory));
    SPDL_TRY_ASSIGN(const auto layout, read_layout(options));
    return hand_over(ffmpeg::refer(std::move(data), layout), out_frames);
  });
}

void spdl_frames_free(spdl_frames *frames) noexcept { delete frames; }

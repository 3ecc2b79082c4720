// SPDX-License-Identifier: BSD-2-Clause
// What a source says of itself and of its streams. Values, read when it is opened.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ffmpeg/compat.h"
#include "spdl/types.h"

namespace spdl::ffmpeg {

// Names and values of a dictionary, of which entries() gives pointers.
class Metadata {
 public:
  Metadata() = default;
  explicit Metadata(const AVDictionary *dict);
  Metadata(Metadata &&) = default;
  Metadata &operator=(Metadata &&) = default;

  const std::vector<spdl_entry> &entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<spdl_entry> entries_;
};

// Those of a dictionary that outlives them.
std::vector<spdl_entry> entries_of(const AVDictionary *dict);

struct StreamInfo {
  int kind = 0;  // AVMEDIA_TYPE_*
  bool is_default = false;
  bool is_attached_picture = false;
  // Static strings, "" if unknown.
  const char *codec = "";
  const char *profile = "";
  const char *format = "";
  const char *color_range = "";
  const char *color_space = "";
  const char *color_primaries = "";
  const char *color_transfer = "";
  std::string channel_layout{};
  AVRational time_base{0, 1};
  std::optional<spdl_rational> start_time{};  // seconds
  std::optional<spdl_rational> duration{};
  int64_t bit_rate = 0;
  int64_t num_frames = 0;
  int bits_per_sample = 0;
  int sample_rate = 0;
  int num_channels = 0;
  int width = 0;
  int height = 0;
  AVRational frame_rate{0, 1};
  AVRational sample_aspect_ratio{0, 1};
  double rotation = 0;  // degrees clockwise, from 0 to less than 360
  Metadata metadata{};
};

struct ContainerInfo {
  const char *format = "";  // static, as the next
  const char *description = "";
  std::optional<spdl_rational> start_time{};
  std::optional<spdl_rational> duration{};
  int64_t bit_rate = 0;
  Metadata metadata{};
  std::vector<StreamInfo> streams{};
};

ContainerInfo read_info(AVFormatContext &context);

}  // namespace spdl::ffmpeg

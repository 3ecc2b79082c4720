// SPDX-License-Identifier: BSD-2-Clause
// The array that frames make; items of a batch have it in common.
#pragma once

#include <string>
#include <vector>

#include "buffer/layout.h"
#include "ffmpeg/frames.h"

namespace spdl::ffmpeg {

struct Form {
  Media media{};
  buffer::Layout layout;    // of the array that one item makes
  const char *format = "";  // static
  int64_t count = 0;        // pictures; of audio: samples per channel
  int width = 0;
  int height = 0;
  int num_channels = 0;
  int sample_rate = 0;

  bool operator==(const Form &other) const;
  std::string describe() const;  // "rgb24, 160x120, 25 frames"
  // The arguments of a load that bring both to one: "`num_frames`".
  std::string name_differences(const Form &other) const;
};

// Of frames that do not make one array.
Error changing_form(const std::string &source);

// An error if there is no frame, or the frames do not make one array.
Result<Form> form_of(const Frames &frames);

buffer::ElementType element_of(AVSampleFormat format);

}  // namespace spdl::ffmpeg

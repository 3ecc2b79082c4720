// SPDX-License-Identifier: BSD-2-Clause
// Frames → contiguous buffer.
#pragma once

#include <optional>
#include <span>

#include "buffer/buffer.h"
#include "ffmpeg/form.h"
#include "ffmpeg/frames.h"
#include "ffmpeg/picture_layout.h"

namespace spdl::ffmpeg {

// Write the frames where their array begins; it has the size of their layout.
Result<void> copy_to(uint8_t *to, const Frames &frames, const Limits &limits);

// The seconds of each picture; of audio those of the first sample.
void add_times(const Frames &frames, std::vector<double> &pts);

// A buffer of one item, or of a number of items, with what the array cannot say but what is of
// single items: times and damage. Its format has this machine's order of bytes.
buffer::Buffer make_buffer(buffer::Storage storage, const Form &form,
                           std::optional<size_t> num_items);

// `is_batch` puts the number of items in front.
Result<buffer::BufferPtr> convert(std::span<const FramesPtr> items, bool is_batch,
                                  std::shared_ptr<const buffer::Memory> out, const Limits &limits);

}  // namespace spdl::ffmpeg

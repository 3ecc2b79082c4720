/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * All of libspdl.
 */
#ifndef SPDL_SPDL_H
#define SPDL_SPDL_H

#include "bsf.h"
#include "buffer.h"
#include "convert.h"
#include "decode.h"
#include "demux.h"
#include "encode.h"
#include "filter.h"
#include "frames.h"
#include "library.h"
#include "load.h"
#include "packets.h"
#include "probe.h"
#include "queue.h"
#include "readers.h"
#include "source.h"
#include "trace.h"
#include "types.h"

#endif /* SPDL_SPDL_H */

;; Grey pictures of another size: each row of the new one is a mixture of some of the old, and then, turned, each column.

;; Rows of a mixture. $mixture: of each new row 32 bits for its first old one and for how many they are, then their
;; weights in 16 bits each, 256 together; $entry: octets of that. A width of a multiple of 16.
(func $mixed (param $from i32) (param $stride i32) (param $width i32) (param $mixture i32) (param $entry i32)
  (param $rows i32) (param $to i32) (param $to_stride i32)
  (local $base i32) (local $many i32) (local $at i32) (local $old i32) (local $weight i32) (local $left i32)
  (local $low v128) (local $high v128) (local $pels v128) (local $weights v128)
  (loop $row
    (local.set $base (i32.add (local.get $from) (i32.mul (i32.load (local.get $mixture)) (local.get $stride))))
    (local.set $many (i32.load offset=4 (local.get $mixture)))
    (local.set $at (i32.const 0))
    (loop $pel
      (local.set $low (i16x8.splat (i32.const 128)))
      (local.set $high (local.get $low))
      (local.set $old (i32.add (local.get $base) (local.get $at)))
      (local.set $weight (i32.add (local.get $mixture) (i32.const 8)))
      (local.set $left (local.get $many))
      (loop $each
        (local.set $pels (v128.load (local.get $old)))
        (local.set $weights (v128.load16_splat (local.get $weight)))
        (local.set $low (i16x8.add (local.get $low)
          (i16x8.mul (i16x8.extend_low_i8x16_u (local.get $pels)) (local.get $weights))))
        (local.set $high (i16x8.add (local.get $high)
          (i16x8.mul (i16x8.extend_high_i8x16_u (local.get $pels)) (local.get $weights))))
        (local.set $old (i32.add (local.get $old) (local.get $stride)))
        (local.set $weight (i32.add (local.get $weight) (i32.const 2)))
        (br_if $each (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (i32.add (local.get $to) (local.get $at)) (i8x16.narrow_i16x8_u
        (i16x8.shr_u (local.get $low) (i32.const 8)) (i16x8.shr_u (local.get $high) (i32.const 8))))
      (br_if $pel (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $width))))
    (local.set $mixture (i32.add (local.get $mixture) (local.get $entry)))
    (local.set $to (i32.add (local.get $to) (local.get $to_stride)))
    (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

;; Rows become columns, eight rows of 16 pels at a time: pels, then twos, then fours of two rows are woven. The width is a
;; multiple of 16, the rows are of 8.
(func $turned_over (param $from i32) (param $stride i32) (param $width i32) (param $rows i32)
  (param $to i32) (param $to_stride i32)
  (local $across i32) (local $source i32) (local $target i32)
  (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128) (local $a4 v128) (local $a5 v128) (local $a6 v128) (local $a7 v128)
  (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128) (local $b4 v128) (local $b5 v128) (local $b6 v128) (local $b7 v128)
  (loop $down
    (local.set $across (i32.const 0))
    (loop $block
      (local.set $source (i32.add (local.get $from) (local.get $across)))
      (local.set $a0 (v128.load (local.get $source)))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (local.set $a1 (v128.load (local.get $source)))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (local.set $a2 (v128.load (local.get $source)))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (local.set $a3 (v128.load (local.get $source)))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (local.set $a4 (v128.load (local.get $source)))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (local.set $a5 (v128.load (local.get $source)))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (local.set $a6 (v128.load (local.get $source)))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (local.set $a7 (v128.load (local.get $source)))
      (local.set $b0 (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
        (local.get $a0) (local.get $a1)))
      (local.set $b1 (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
        (local.get $a0) (local.get $a1)))
      (local.set $b2 (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
        (local.get $a2) (local.get $a3)))
      (local.set $b3 (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
        (local.get $a2) (local.get $a3)))
      (local.set $b4 (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
        (local.get $a4) (local.get $a5)))
      (local.set $b5 (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
        (local.get $a4) (local.get $a5)))
      (local.set $b6 (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
        (local.get $a6) (local.get $a7)))
      (local.set $b7 (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
        (local.get $a6) (local.get $a7)))
      (local.set $a0 (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23
        (local.get $b0) (local.get $b2)))
      (local.set $a1 (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31
        (local.get $b0) (local.get $b2)))
      (local.set $a2 (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23
        (local.get $b1) (local.get $b3)))
      (local.set $a3 (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31
        (local.get $b1) (local.get $b3)))
      (local.set $a4 (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23
        (local.get $b4) (local.get $b6)))
      (local.set $a5 (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31
        (local.get $b4) (local.get $b6)))
      (local.set $a6 (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23
        (local.get $b5) (local.get $b7)))
      (local.set $a7 (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31
        (local.get $b5) (local.get $b7)))
      (local.set $b0 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
        (local.get $a0) (local.get $a4)))
      (local.set $b1 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
        (local.get $a0) (local.get $a4)))
      (local.set $b2 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
        (local.get $a1) (local.get $a5)))
      (local.set $b3 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
        (local.get $a1) (local.get $a5)))
      (local.set $b4 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
        (local.get $a2) (local.get $a6)))
      (local.set $b5 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
        (local.get $a2) (local.get $a6)))
      (local.set $b6 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
        (local.get $a3) (local.get $a7)))
      (local.set $b7 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
        (local.get $a3) (local.get $a7)))
      (local.set $target (i32.add (local.get $to) (i32.mul (local.get $across) (local.get $to_stride))))
      (v128.store64_lane 0 (local.get $target) (local.get $b0))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b0))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 0 (local.get $target) (local.get $b1))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b1))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 0 (local.get $target) (local.get $b2))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b2))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 0 (local.get $target) (local.get $b3))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b3))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 0 (local.get $target) (local.get $b4))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b4))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 0 (local.get $target) (local.get $b5))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b5))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 0 (local.get $target) (local.get $b6))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b6))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 0 (local.get $target) (local.get $b7))
      (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
      (v128.store64_lane 1 (local.get $target) (local.get $b7))
      (br_if $block (i32.lt_u (local.tee $across (i32.add (local.get $across) (i32.const 16))) (local.get $width))))
    (local.set $from (i32.add (local.get $from) (i32.shl (local.get $stride) (i32.const 3))))
    (local.set $to (i32.add (local.get $to) (i32.const 8)))
    (br_if $down (local.tee $rows (i32.sub (local.get $rows) (i32.const 8))))))

;; A band of a picture: $rows, a multiple of 16, of $width pels become of $columns, both multiples of 16. $room: two
;; bands of the wider width.
(func $resize (param $from i32) (param $width i32) (param $down i32) (param $across i32) (param $entry i32)
  (param $rows i32) (param $columns i32) (param $to i32) (param $room i32) (result i32)
  (local $other i32)
  (local.set $other (i32.add (local.get $room) (i32.mul (local.get $rows)
    (select (local.get $width) (local.get $columns) (i32.gt_u (local.get $width) (local.get $columns))))))
  (call $mixed (local.get $from) (local.get $width) (local.get $width) (local.get $down) (local.get $entry)
    (local.get $rows) (local.get $room) (local.get $width))
  (call $turned_over (local.get $room) (local.get $width) (local.get $width) (local.get $rows)
    (local.get $other) (local.get $rows))
  (call $mixed (local.get $other) (local.get $rows) (local.get $rows) (local.get $across) (local.get $entry)
    (local.get $columns) (local.get $room) (local.get $rows))
  (call $turned_over (local.get $room) (local.get $rows) (local.get $rows) (local.get $columns)
    (local.get $to) (local.get $columns))
  (i32.add (local.get $to) (i32.mul (local.get $rows) (local.get $columns))))

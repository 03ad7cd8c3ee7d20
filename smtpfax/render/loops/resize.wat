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

;; One of four steps that make rows of columns: of 16 rows of 16 pels, each of the first eight woven with its eighth next.
(func $woven (param $from i32) (param $to i32)
  (local $left i32) (local $one v128) (local $other v128)
  (local.set $left (i32.const 8))
  (loop $pair
    (local.set $one (v128.load (local.get $from)))
    (local.set $other (v128.load offset=128 (local.get $from)))
    (v128.store (local.get $to) (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
      (local.get $one) (local.get $other)))
    (v128.store offset=16 (local.get $to) (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
      (local.get $one) (local.get $other)))
    (local.set $from (i32.add (local.get $from) (i32.const 16)))
    (local.set $to (i32.add (local.get $to) (i32.const 32)))
    (br_if $pair (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))

;; Rows become columns. Both sides are multiples of 16; $room: 512 octets.
(func $turned_over (param $from i32) (param $stride i32) (param $width i32) (param $rows i32)
  (param $to i32) (param $to_stride i32) (param $room i32)
  (local $other i32) (local $across i32) (local $source i32) (local $target i32) (local $row i32)
  (local.set $other (i32.add (local.get $room) (i32.const 256)))
  (loop $down
    (local.set $across (i32.const 0))
    (loop $block
      (local.set $source (i32.add (local.get $from) (local.get $across)))
      (local.set $row (i32.const 0))
      (loop $in
        (v128.store (i32.add (local.get $room) (local.get $row)) (v128.load (local.get $source)))
        (local.set $source (i32.add (local.get $source) (local.get $stride)))
        (br_if $in (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 16))) (i32.const 256))))
      (call $woven (local.get $room) (local.get $other))
      (call $woven (local.get $other) (local.get $room))
      (call $woven (local.get $room) (local.get $other))
      (call $woven (local.get $other) (local.get $room))
      (local.set $target (i32.add (local.get $to) (i32.mul (local.get $across) (local.get $to_stride))))
      (local.set $row (i32.const 0))
      (loop $out
        (v128.store (local.get $target) (v128.load (i32.add (local.get $room) (local.get $row))))
        (local.set $target (i32.add (local.get $target) (local.get $to_stride)))
        (br_if $out (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 16))) (i32.const 256))))
      (br_if $block (i32.lt_u (local.tee $across (i32.add (local.get $across) (i32.const 16))) (local.get $width))))
    (local.set $from (i32.add (local.get $from) (i32.shl (local.get $stride) (i32.const 4))))
    (local.set $to (i32.add (local.get $to) (i32.const 16)))
    (br_if $down (local.tee $rows (i32.sub (local.get $rows) (i32.const 16))))))

;; A band of a picture: $rows, a multiple of 16, of $width pels become of $columns, both multiples of 16. $room: 512
;; octets and two bands of the wider width.
(func $resize (param $from i32) (param $width i32) (param $down i32) (param $across i32) (param $entry i32)
  (param $rows i32) (param $columns i32) (param $to i32) (param $room i32) (result i32)
  (local $one i32) (local $other i32)
  (local.set $one (i32.add (local.get $room) (i32.const 512)))
  (local.set $other (i32.add (local.get $one) (i32.mul (local.get $rows)
    (select (local.get $width) (local.get $columns) (i32.gt_u (local.get $width) (local.get $columns))))))
  (call $mixed (local.get $from) (local.get $width) (local.get $width) (local.get $down) (local.get $entry)
    (local.get $rows) (local.get $one) (local.get $width))
  (call $turned_over (local.get $one) (local.get $width) (local.get $width) (local.get $rows)
    (local.get $other) (local.get $rows) (local.get $room))
  (call $mixed (local.get $other) (local.get $rows) (local.get $rows) (local.get $across) (local.get $entry)
    (local.get $columns) (local.get $one) (local.get $rows))
  (call $turned_over (local.get $one) (local.get $rows) (local.get $rows) (local.get $columns)
    (local.get $to) (local.get $columns) (local.get $room))
  (i32.add (local.get $to) (i32.mul (local.get $rows) (local.get $columns))))

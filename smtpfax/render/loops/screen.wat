;; A screen of dots laid over a part of a page. $limits: of each row of its cell 16 octets, what the darkest pel that
;; stays white is lighter than by one; the page's rows begin in that cell's row $first. $bits: rows of $width / 8
;; octets, and one behind.
(func $screen (param $grey i32) (param $stride i32) (param $rows i32) (param $width i32) (param $limits i32)
  (param $cell i32) (param $first i32) (param $bits i32) (result i32)
  (local $at i32) (local $across i32) (local $limit v128)
  (loop $row
    (local.set $limit (v128.load (i32.add (local.get $limits) (i32.shl (local.get $first) (i32.const 4)))))
    (local.set $first (i32.rem_u (i32.add (local.get $first) (i32.const 1)) (local.get $cell)))
    (local.set $at (local.get $bits))
    (local.set $across (i32.const 0))
    (loop $sixteen
      (i32.store16 (local.get $at) (i8x16.bitmask (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8
        (i8x16.le_u (v128.load (i32.add (local.get $grey) (local.get $across))) (local.get $limit))
        (i8x16.le_u (v128.load (i32.add (local.get $grey) (local.get $across))) (local.get $limit)))))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (br_if $sixteen (i32.lt_u (local.tee $across (i32.add (local.get $across) (i32.const 16))) (local.get $width))))
    (local.set $bits (i32.add (local.get $bits) (i32.shr_u (local.get $width) (i32.const 3))))
    (local.set $grey (i32.add (local.get $grey) (local.get $stride)))
    (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
  (local.get $bits))

;; Grey pels, an octet each, become bits. A page is gone through by four rows and 64 pels at a time: what is white, and
;; that is most of it, is seen at one glance.

;; Which of 64 pels are darker. On a page the first pel is an octet's highest bit; here it is the lowest of all 64.
(func $under (param $a v128) (param $b v128) (param $c v128) (param $d v128) (param $limit v128) (result i64)
  (i64.or
    (i64.or
      (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $a) (local.get $limit))))
      (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $b) (local.get $limit)))) (i64.const 16)))
    (i64.or
      (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $c) (local.get $limit)))) (i64.const 32))
      (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $d) (local.get $limit)))) (i64.const 48)))))

;; The bits of each octet in the other order.
(func $turned (param $bits i64) (result i64)
  (local.set $bits (i64.or
    (i64.and (i64.shr_u (local.get $bits) (i64.const 1)) (i64.const 0x5555555555555555))
    (i64.shl (i64.and (local.get $bits) (i64.const 0x5555555555555555)) (i64.const 1))))
  (local.set $bits (i64.or
    (i64.and (i64.shr_u (local.get $bits) (i64.const 2)) (i64.const 0x3333333333333333))
    (i64.shl (i64.and (local.get $bits) (i64.const 0x3333333333333333)) (i64.const 2))))
  (i64.or
    (i64.and (i64.shr_u (local.get $bits) (i64.const 4)) (i64.const 0x0f0f0f0f0f0f0f0f))
    (i64.shl (i64.and (local.get $bits) (i64.const 0x0f0f0f0f0f0f0f0f)) (i64.const 4))))

;; 64 pels of a row: the darker ones, and between two of these those that are a little less dark.
(func $inked (param $at i32) (param $left i32) (param $right i32) (param $than i32) (param $between i32) (result i64)
  (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $limit v128) (local $dark i64) (local $less i64)
  (local.set $a (v128.load (local.get $at)))
  (local.set $b (v128.load offset=16 (local.get $at)))
  (local.set $c (v128.load offset=32 (local.get $at)))
  (local.set $d (v128.load offset=48 (local.get $at)))
  (local.set $limit (i8x16.splat (i32.sub (local.get $between) (i32.const 1))))
  (if (i32.eqz (v128.any_true (i8x16.le_u (i8x16.min_u (i8x16.min_u (local.get $a) (local.get $b))
    (i8x16.min_u (local.get $c) (local.get $d))) (local.get $limit))))
    (then (return (i64.const 0))))
  (local.set $less (i64.or
    (i64.or
      (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $a) (local.get $limit))))
      (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $b) (local.get $limit)))) (i64.const 16)))
    (i64.or
      (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $c) (local.get $limit)))) (i64.const 32))
      (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.le_u (local.get $d) (local.get $limit)))) (i64.const 48)))))
  (local.set $dark (call $under (local.get $a) (local.get $b) (local.get $c) (local.get $d)
    (i8x16.splat (i32.sub (local.get $than) (i32.const 1)))))
  (call $turned (i64.or (local.get $dark) (i64.and (local.get $less) (i64.and
    (i64.or (i64.shl (local.get $dark) (i64.const 1)) (i64.extend_i32_u (if (result i32) (local.get $left)
      (then (i32.lt_u (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (local.get $than)))
      (else (i32.const 0)))))
    (i64.or (i64.shr_u (local.get $dark) (i64.const 1)) (i64.shl (i64.extend_i32_u (if (result i32) (local.get $right)
      (then (i32.lt_u (i32.load8_u offset=64 (local.get $at)) (local.get $than)))
      (else (i32.const 0)))) (i64.const 63))))))))

;; $bits: of each row. $dark: of each two rows, which pels are darker than that in one of them; $light: of each four.
;; The width is a multiple of 64. All three are to be blank before; $light_than is the lightest limit.
;; Gives the end of the bits.
(func $cut (param $grey i32) (param $rows i32) (param $width i32)
  (param $than i32) (param $between i32) (param $dark_than i32) (param $light_than i32)
  (param $bits i32) (param $dark i32) (param $light i32) (result i32)
  (local $octets i32) (local $left i32) (local $right i32) (local $second i32) (local $third i32) (local $fourth i32) (local $row i32) (local $to i32)
  (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
  (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128) (local $limit v128)
  (local.set $octets (i32.shr_u (local.get $width) (i32.const 3)))
  (block $done
    (loop $four
      (br_if $done (i32.lt_u (local.get $rows) (i32.const 4)))
      (local.set $left (i32.const 0))
      (local.set $right (i32.sub (local.get $width) (i32.const 64)))
      (loop $word
        (local.set $limit (i8x16.splat (i32.sub (local.get $light_than) (i32.const 1))))
        (local.set $second (i32.add (local.get $grey) (local.get $width)))
        (local.set $third (i32.add (local.get $second) (local.get $width)))
        (local.set $fourth (i32.add (local.get $third) (local.get $width)))
        (local.set $a0 (i8x16.min_u (v128.load (local.get $grey)) (v128.load (local.get $second))))
        (local.set $a1 (i8x16.min_u (v128.load offset=16 (local.get $grey)) (v128.load offset=16 (local.get $second))))
        (local.set $a2 (i8x16.min_u (v128.load offset=32 (local.get $grey)) (v128.load offset=32 (local.get $second))))
        (local.set $a3 (i8x16.min_u (v128.load offset=48 (local.get $grey)) (v128.load offset=48 (local.get $second))))
        (local.set $b0 (i8x16.min_u (v128.load (local.get $third)) (v128.load (local.get $fourth))))
        (local.set $b1 (i8x16.min_u (v128.load offset=16 (local.get $third)) (v128.load offset=16 (local.get $fourth))))
        (local.set $b2 (i8x16.min_u (v128.load offset=32 (local.get $third)) (v128.load offset=32 (local.get $fourth))))
        (local.set $b3 (i8x16.min_u (v128.load offset=48 (local.get $third)) (v128.load offset=48 (local.get $fourth))))
        (if (v128.any_true (i8x16.le_u (i8x16.min_u
          (i8x16.min_u (i8x16.min_u (local.get $a0) (local.get $a1)) (i8x16.min_u (local.get $a2) (local.get $a3)))
          (i8x16.min_u (i8x16.min_u (local.get $b0) (local.get $b1)) (i8x16.min_u (local.get $b2) (local.get $b3))))
          (local.get $limit)))
          (then
            (i64.store (local.get $light) (call $turned (call $under
              (i8x16.min_u (local.get $a0) (local.get $b0)) (i8x16.min_u (local.get $a1) (local.get $b1))
              (i8x16.min_u (local.get $a2) (local.get $b2)) (i8x16.min_u (local.get $a3) (local.get $b3))
              (local.get $limit))))
            (local.set $limit (i8x16.splat (i32.sub (local.get $dark_than) (i32.const 1))))
            (i64.store (local.get $dark) (call $turned (call $under
              (local.get $a0) (local.get $a1) (local.get $a2) (local.get $a3) (local.get $limit))))
            (i64.store (i32.add (local.get $dark) (local.get $octets)) (call $turned (call $under
              (local.get $b0) (local.get $b1) (local.get $b2) (local.get $b3) (local.get $limit))))
            (local.set $row (local.get $grey))
            (local.set $to (local.get $bits))
            (loop $each
              (i64.store (local.get $to) (call $inked (local.get $row) (local.get $left) (local.get $right)
                (local.get $than) (local.get $between)))
              (local.set $row (i32.add (local.get $row) (local.get $width)))
              (br_if $each (i32.lt_u (local.tee $to (i32.add (local.get $to) (local.get $octets)))
                (i32.add (local.get $bits) (i32.shl (local.get $octets) (i32.const 2))))))))
        (local.set $light (i32.add (local.get $light) (i32.const 8)))
        (local.set $dark (i32.add (local.get $dark) (i32.const 8)))
        (local.set $bits (i32.add (local.get $bits) (i32.const 8)))
        (local.set $grey (i32.add (local.get $grey) (i32.const 64)))
        (local.set $right (i32.sub (local.get $right) (i32.const 64)))
        (br_if $word (i32.lt_u (local.tee $left (i32.add (local.get $left) (i32.const 64))) (local.get $width))))
      (local.set $dark (i32.add (local.get $dark) (local.get $octets)))
      (local.set $bits (i32.add (local.get $bits) (i32.mul (local.get $octets) (i32.const 3))))
      (local.set $grey (i32.add (local.get $grey) (i32.mul (local.get $width) (i32.const 3))))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 4)))
      (br $four)))
  (block $whole
    (loop $last  ;; what is left are no four
      (br_if $whole (i32.eqz (local.get $rows)))
      (local.set $left (i32.const 0))
      (loop $word
        (i64.store (local.get $bits) (call $inked (local.get $grey) (local.get $left)
          (i32.sub (i32.sub (local.get $width) (i32.const 64)) (local.get $left)) (local.get $than) (local.get $between)))
        (local.set $bits (i32.add (local.get $bits) (i32.const 8)))
        (local.set $grey (i32.add (local.get $grey) (i32.const 64)))
        (br_if $word (i32.lt_u (local.tee $left (i32.add (local.get $left) (i32.const 64))) (local.get $width))))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $last)))
  (local.get $bits))

//! What differs between what must come of a call and what did.

use super::Effect;
use crate::input::bytes::to_hex;

impl Effect {
    /// What another effect has that this one, the right one, has not.
    pub fn unlike(&self, seen: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if seen.success != self.success {
            differences.push(format!("success flag {}, must be {}", seen.success, self.success));
        }
        if seen.returndata != self.returndata {
            let [seen, right] = [&seen.returndata, &self.returndata].map(to_hex);
            differences.push(format!("returndata {seen}, must be {right}"));
        }
        if seen.gas != self.gas {
            differences.push(format!("gas {}, must be {}", seen.gas, self.gas));
        }
        if seen.memory.len() != self.memory.len() {
            let [seen, right] = [&seen.memory, &self.memory].map(Vec::len);
            differences.push(format!("{seen} bytes of memory, must be {right}"));
        } else if let Some(at) = (0..self.memory.len()).find(|at| seen.memory[*at] != self.memory[*at]) {
            let [seen, right] = [&seen.memory, &self.memory].map(|memory| memory[at]);
            differences.push(format!("memory[{at}] = {seen:02x}, must be {right:02x}"));
        }
        if seen.callee_balance != self.callee_balance {
            let [seen, right] = [seen, self].map(|effect| effect.callee_balance);
            differences.push(format!("the callee owns {seen} wei, must own {right}"));
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_effect_is_looked_at() {
        let right =
            Effect { success: true, returndata: vec![1], gas: 3100, memory: vec![0, 0], callee_balance: 5 };
        let says = |bend: fn(&mut Effect)| {
            let mut seen = right.clone();
            bend(&mut seen);
            right.unlike(&seen).join("; ")
        };
        assert_eq!(says(|_| {}), "");
        assert_eq!(says(|seen| seen.success = false), "success flag false, must be true");
        assert_eq!(says(|seen| seen.returndata = vec![]), "returndata 0x, must be 0x01");
        assert_eq!(says(|seen| seen.gas += 1), "gas 3101, must be 3100");
        assert_eq!(says(|seen| seen.memory[1] = 0xff), "memory[1] = ff, must be 00");
        assert_eq!(says(|seen| seen.memory.push(0)), "3 bytes of memory, must be 2");
        assert_eq!(says(|seen| seen.callee_balance = 0), "the callee owns 0 wei, must own 5");
    }
}

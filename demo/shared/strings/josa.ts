/** Hangul syllables lie in blocks of 28, of which the first one ends in a vowel. */
const [FIRST, LAST, BLOCK] = [0xac00, 0xd7a3, 28];
/** 영, 일, 삼, 육, 칠, 팔. */
const DIGITS = '013678';

/**
 * A word with the Korean particle that fits how it ends when it is read aloud: `afterConsonant` as 은, 이, 을, 과, or
 * `afterVowel` as 는, 가, 를, 와. Of Latin words this is a guess, as MobileNet is read 모바일넷 and ResNeXt 레즈넥스트.
 */
export const withJosa = (word: string, afterConsonant: string, afterVowel: string): string =>
  word + (endsInConsonant(word) ? afterConsonant : afterVowel);

function endsInConsonant(word: string): boolean {
  const [end = ''] = word.match(/[\p{L}\p{N}%]+(?=[^\p{L}\p{N}%]*$)/u) ?? [];
  const code = end.charCodeAt(end.length - 1);
  if (code >= FIRST && code <= LAST) return (code - FIRST) % BLOCK !== 0;
  if (/\d$/.test(end)) return DIGITS.includes(end.at(-1) as string);
  const latin = (end.match(/[a-z]+$/i)?.[0] ?? '').toLowerCase();
  // What has no vowel is spelled: PNG is 피엔지, and URL 유알엘.
  if (!/[aeiouy]/.test(latin)) return /[lmnr]$/.test(latin);
  return /(ng|[lmn]|[aeiouy][bcgkpt])$/.test(latin);
}

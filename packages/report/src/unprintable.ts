/**
 * What is never printed as it is: control characters, of which terminals make commands; marks that turn the direction of what stands
 * around them; line and paragraph separators; halves of surrogate pairs; and what can not be seen at all.
 */
export const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

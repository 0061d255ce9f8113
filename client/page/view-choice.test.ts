import { expect, test } from 'vitest';
import { ViewChoice } from './view-choice.ts';

test('a shared screen brings the speaker view, and takes it along when it ends', () => {
  const choice = new ViewChoice();
  expect([choice.handleLarge(false), choice.view]).toEqual([false, 'gallery']);
  expect([choice.handleLarge(true), choice.view]).toEqual([true, 'speaker']);
  expect([choice.handleLarge(true), choice.view]).toEqual([false, 'speaker']);
  expect([choice.handleLarge(false), choice.view]).toEqual([true, 'gallery']);
});

test('who goes back to the gallery, or chose the speaker view, keeps it', () => {
  const choice = new ViewChoice();
  choice.handleLarge(true);
  choice.choose('gallery');
  expect([choice.handleLarge(true), choice.view]).toEqual([false, 'gallery']);
  expect([choice.handleLarge(false), choice.view]).toEqual([false, 'gallery']);
  choice.choose('speaker');
  expect([choice.handleLarge(true), choice.handleLarge(false), choice.view]).toEqual([false, false, 'speaker']);
});

test('a pin that was set during the share outlives it', () => {
  const choice = new ViewChoice();
  choice.handleLarge(true);
  choice.choose('speaker');
  expect([choice.handleLarge(false), choice.view]).toEqual([false, 'speaker']);
});

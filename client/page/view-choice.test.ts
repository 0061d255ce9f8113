import { expect, test } from 'vitest';
import { ViewChoice } from './view-choice.ts';

test('a shared screen brings the speaker view, and takes it along when it ends', () => {
  const choice = new ViewChoice();
  expect([choice.handleScreens(false), choice.view]).toEqual([false, 'gallery']);
  expect([choice.handleScreens(true), choice.view]).toEqual([true, 'speaker']);
  expect([choice.handleScreens(true), choice.view]).toEqual([false, 'speaker']);
  expect([choice.handleScreens(false), choice.view]).toEqual([true, 'gallery']);
});

test('who goes back to the gallery, or chose the speaker view, keeps it', () => {
  const choice = new ViewChoice();
  choice.handleScreens(true);
  choice.choose('gallery');
  expect([choice.handleScreens(true), choice.view]).toEqual([false, 'gallery']);
  expect([choice.handleScreens(false), choice.view]).toEqual([false, 'gallery']);
  choice.choose('speaker');
  expect([choice.handleScreens(true), choice.handleScreens(false), choice.view]).toEqual([false, false, 'speaker']);
});

test('a pin that was set during the share outlives it', () => {
  const choice = new ViewChoice();
  choice.handleScreens(true);
  choice.choose('speaker');
  expect([choice.handleScreens(false), choice.view]).toEqual([false, 'speaker']);
});

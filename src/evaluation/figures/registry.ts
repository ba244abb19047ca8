import type { FigureRecipe } from '../figure.ts';
import { figure8 } from './figure-8.ts';
import { figure10 } from './figure-10.ts';
import { figure11 } from './figure-11.ts';
import { figure12 } from './figure-12.ts';
import { figure13 } from './figure-13.ts';
import { figure14 } from './figure-14.ts';
import { figure15 } from './figure-15.ts';
import { figure16 } from './figure-16.ts';
import { figure17 } from './figure-17.ts';
import { table2 } from './table-2.ts';
import { table3 } from './table-3.ts';

/** In the paper's order. */
export const recipes: readonly FigureRecipe[] = [
  figure8,
  table2,
  figure10,
  figure11,
  figure12,
  figure13,
  figure14,
  figure15,
  table3,
  figure16,
  figure17,
];

// Types of the dashboard's JSON, of those that Grafana generates from its schema. In JSON a value of an enum is its text.
import type { Dashboard, DataQuery, FieldConfig, GraphFieldConfig, Panel, RowPanel } from "@grafana/schema";
import type { Options as StatOptions } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type { Options as TimeSeriesOptions } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Json<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends (infer Item)[]
      ? Json<Item>[]
      : T extends object
        ? { [Key in keyof T]: Json<T[Key]> }
        : T;

// Prometheus' own part of a query is not in the schema.
type Query = DataQuery & { expr: string; legendFormat: string; range: boolean };

type PanelOf<Type extends string, Options, Custom> = Omit<Panel, "type" | "options" | "fieldConfig" | "targets"> & {
  type: Type;
  title: string;
  description: string;
  targets: Query[];
  options: Options;
  fieldConfig: { defaults: Omit<FieldConfig, "custom"> & { custom?: Custom }; overrides: never[] };
};
type Shown = PanelOf<"stat", StatOptions, never> | PanelOf<"timeseries", TimeSeriesOptions, GraphFieldConfig>;

export type Checked = Json<
  Omit<Dashboard, "panels"> & { panels: (Shown | (Omit<RowPanel, "panels"> & { panels: Shown[] }))[] }
>;

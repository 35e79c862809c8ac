"""Saved runs: folders of JSON, Parquet and safetensors."""

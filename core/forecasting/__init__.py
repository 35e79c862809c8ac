"""From a trained network and the baselines to the long forecast table, and the live forecast."""

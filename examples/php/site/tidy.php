<?php
foreach (glob(sys_get_temp_dir() . '/upload-*') as $file) {
    unlink($file);
    echo "tidy: removed $file\n";
}

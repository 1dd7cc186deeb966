<?php
error_log('a page was asked for');
echo getenv('GREETING'), "\n";
